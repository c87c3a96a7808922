import Crypto
package import Model

/// A kind of file. Raw values are those of the proto and of the database.
package enum PaymentFormat: Int32, Sendable, CaseIterable {
  case pain001 = 1
  case pacs009
}

/// A bank account and its holder.
package struct BankAccount: Sendable, Hashable {
  package let name: String
  package let bic: String
  package let account: String

  package init(name: String, bic: String, account: String) {
    self.name = name
    self.bic = bic
    self.account = account
  }

  /// ISO 13616: country, two check digits and up to 30 letters and digits, 1 modulo 97 (ISO 7064).
  package var isIBAN: Bool {
    let letters = Array(account.utf8)
    guard (15...34).contains(letters.count),
      letters[..<2].allSatisfy({ (0x41...0x5A).contains($0) }),
      letters[2..<4].allSatisfy({ (0x30...0x39).contains($0) })
    else { return false }
    var remainder = 0
    for letter in letters[4...] + letters[..<4] {
      switch letter {
      case 0x30...0x39: remainder = (remainder * 10 + Int(letter - 0x30)) % 97
      case 0x41...0x5A: remainder = (remainder * 100 + Int(letter - 0x41) + 10) % 97
      default: return false
      }
    }
    return remainder == 1
  }
}

/// A file that asks a bank for payments of a window: `pain.001.001.09` or `pacs.009.001.08` of ISO 20022.
/// The same payments, number and time give the same bytes.
package struct PaymentFile: Sendable {
  /// Most payments of one file.
  package static let limit = 2_000

  /// A payment and the member's bank account.
  package struct Payment: Sendable {
    package let leg: Leg
    package let bank: BankAccount

    package init(leg: Leg, bank: BankAccount) {
      self.leg = leg
      self.bank = bank
    }
  }

  package let window: WindowID
  package let key: WindowKey
  package let format: PaymentFormat
  package let direction: LegDirection
  /// Its number among the files of the window, from 1.
  package let sequence: Int64
  package let createTime: Timestamp
  package let exchange: BankAccount
  package let payments: [Payment]

  package init(
    window: WindowID, key: WindowKey, format: PaymentFormat, direction: LegDirection,
    sequence: Int64, createTime: Timestamp, exchange: BankAccount, payments: [Payment]
  ) {
    self.window = window
    self.key = key
    self.format = format
    self.direction = direction
    self.sequence = sequence
    self.createTime = createTime
    self.exchange = exchange
    self.payments = payments
  }

  /// Unique among all files of the exchange: as `Leg.endToEndID`, over window and number.
  package var messageID: String {
    var hasher = SHA256()
    hasher.update("ndx-payment-file-v1\n\(window)\n\(sequence)\n".utf8)
    return Leg.prefix(of: key.environment) + hasher.finalize().hex.prefix(31)
  }

  package var content: [UInt8] {
    var xml = XMLText()
    switch format {
    case .pain001:
      xml.element("Document", namespace: Self.namespace + "pain.001.001.09") { xml in
        xml.element("CstmrCdtTrfInitn") { initiation(&$0) }
      }
    case .pacs009:
      xml.element("Document", namespace: Self.namespace + "pacs.009.001.08") { xml in
        xml.element("FICdtTrf") { institutionTransfer(&$0) }
      }
    }
    return Array(xml.text.utf8)
  }

  private static let namespace = "urn:iso:std:iso:20022:tech:xsd:"

  private var time: String {
    Timestamp(microseconds: createTime.microseconds / 1_000_000 * 1_000_000).description
  }
  private var day: String { String(time.prefix(10)) }
  private var total: String {
    DecimalAmount.text(payments.reduce(0) { $0 + $1.leg.amount }, key.currency)
  }

  private func initiation(_ xml: inout XMLText) {
    xml.element("GrpHdr") { xml in
      xml.element("MsgId", messageID)
      xml.element("CreDtTm", time)
      xml.element("NbOfTxs", "\(payments.count)")
      xml.element("CtrlSum", total)
      xml.element("InitgPty") { $0.element("Nm", exchange.name) }
    }
    xml.element("PmtInf") { xml in
      xml.element("PmtInfId", messageID)
      xml.element("PmtMtd", "TRF")
      xml.element("NbOfTxs", "\(payments.count)")
      xml.element("CtrlSum", total)
      xml.element("ReqdExctnDt") { $0.element("Dt", day) }
      xml.element("Dbtr") { $0.element("Nm", exchange.name) }
      xml.element("DbtrAcct") { Self.account(exchange, key.currency, &$0) }
      xml.element("DbtrAgt") { Self.institution(exchange.bic, &$0) }
      xml.element("ChrgBr", "SLEV")
      for payment in payments {
        xml.element("CdtTrfTxInf") { xml in
          xml.element("PmtId") { identification(payment, &$0) }
          xml.element("Amt") {
            $0.element(
              "InstdAmt", DecimalAmount.text(payment.leg.amount, key.currency),
              currency: key.currency.code)
          }
          xml.element("CdtrAgt") { Self.institution(payment.bank.bic, &$0) }
          xml.element("Cdtr") { $0.element("Nm", payment.bank.name) }
          xml.element("CdtrAcct") { Self.account(payment.bank, nil, &$0) }
          xml.element("RmtInf") { $0.element("Ustrd", "NDX \(window)") }
        }
      }
    }
  }

  private func institutionTransfer(_ xml: inout XMLText) {
    xml.element("GrpHdr") { xml in
      xml.element("MsgId", messageID)
      xml.element("CreDtTm", time)
      xml.element("NbOfTxs", "\(payments.count)")
      xml.element("CtrlSum", total)
      xml.element("SttlmInf") { $0.element("SttlmMtd", "CLRG") }
    }
    for payment in payments {
      let isPayIn = direction == .payIn
      let debtor = isPayIn ? payment.bank : exchange
      let creditor = isPayIn ? exchange : payment.bank
      xml.element("CdtTrfTxInf") { xml in
        xml.element("PmtId") { identification(payment, &$0) }
        xml.element(
          "IntrBkSttlmAmt", DecimalAmount.text(payment.leg.amount, key.currency),
          currency: key.currency.code)
        xml.element("IntrBkSttlmDt", day)
        xml.element("Dbtr") { Self.institution(debtor.bic, &$0) }
        xml.element("DbtrAcct") { Self.account(debtor, nil, &$0) }
        xml.element("Cdtr") { Self.institution(creditor.bic, &$0) }
        xml.element("CdtrAcct") { Self.account(creditor, nil, &$0) }
      }
    }
  }

  /// InstrId tells one sending of a payment from the next, EndToEndId is of the payment.
  private func identification(_ payment: Payment, _ xml: inout XMLText) {
    let reference = payment.leg.endToEndID(key.environment)
    xml.element("InstrId", "\(sequence)-\(reference)".prefix(35).description)
    xml.element("EndToEndId", reference)
  }

  private static func institution(_ bic: String, _ xml: inout XMLText) {
    xml.element("FinInstnId") { $0.element("BICFI", bic) }
  }

  private static func account(
    _ bank: BankAccount, _ currency: Currency?, _ xml: inout XMLText
  ) {
    xml.element("Id") { xml in
      if bank.isIBAN {
        xml.element("IBAN", bank.account)
      } else {
        xml.element("Othr") { $0.element("Id", bank.account) }
      }
    }
    if let currency { xml.element("Ccy", currency.code) }
  }
}
