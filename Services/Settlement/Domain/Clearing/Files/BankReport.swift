import Crypto
package import Model

/// One line of a bank's report: an entry, or the status of one payment.
package struct BankLine: Sendable, Hashable {
  package enum Status: Sendable, Hashable {
    /// Money moved for good.
    case booked
    /// It has not, or moved back.
    case notBooked
    /// The payment is not made.
    case rejected
    /// The payment is under way.
    case underWay
    case unknown
  }

  /// Where in the report it is: numbers of statement, entry and detail, from 1.
  package let place: String
  /// The bank's reference; empty when it gives none.
  package let reference: String
  package var endToEndID: String
  /// The file that a status is about; empty when it names none.
  package var originalMessageID = ""
  package var amount: Int64 = 0
  package var currency: Currency?
  package var direction: LegDirection?
  package let status: Status
  /// Status and reason in the bank's words.
  package let statusText: String

  package init(
    place: String, reference: String, endToEndID: String, originalMessageID: String = "",
    amount: Int64 = 0, currency: Currency? = nil, direction: LegDirection? = nil, status: Status,
    statusText: String
  ) {
    self.place = place
    self.reference = reference
    self.endToEndID = endToEndID
    self.originalMessageID = originalMessageID
    self.amount = amount
    self.currency = currency
    self.direction = direction
    self.status = status
    self.statusText = statusText
  }

  /// What tells the line from every other of its report, also when a bank sends another report under the
  /// same MsgId: its place and a digest of what it says.
  package var key: String {
    var hasher = SHA256()
    let parts = [
      reference, endToEndID, originalMessageID, "\(amount)", currency?.code ?? "",
      direction?.name ?? "", "\(status)", statusText,
    ]
    hasher.update(parts.joined(separator: "\n").utf8)
    return "\(place) \(hasher.finalize().hex.prefix(32))"
  }

  /// What a payment that it makes final is remembered by.
  package var proof: String { String((reference.isEmpty ? place : reference).prefix(140)) }
}

/// A bank's report, read.
package struct BankReport: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    case pain002 = "pain.002"
    case camt053 = "camt.053"
    case camt054 = "camt.054"
  }

  package let kind: Kind
  package let messageID: String
  package let lines: [BankLine]

  /// Any version of the three kinds whose namespace is that of ISO 20022.
  /// - Throws: `ReportFault` with line and element.
  package init(_ bytes: [UInt8]) throws(ReportFault) {
    let document = try XMLReader.read(bytes)
    let namespace = document.attributes.filter { $0.key == "xmlns" || $0.key.hasPrefix("xmlns:") }
      .values
    let prefix = "urn:iso:std:iso:20022:tech:xsd:"
    let kind = Kind.allCases.first { kind in
      namespace.contains { $0.hasPrefix(prefix + kind.rawValue + ".001.") }
    }
    guard document.name == "Document", let kind else {
      throw ReportFault(.kindUnknown, document)
    }
    self.kind = kind
    let body: XMLElement
    switch kind {
    case .pain002: body = try document.needed("CstmrPmtStsRpt")
    case .camt053: body = try document.needed("BkToCstmrStmt")
    case .camt054: body = try document.needed("BkToCstmrDbtCdtNtfctn")
    }
    let header = try body.needed("GrpHdr")
    let message = try header.needed("MsgId")
    guard (1...35).contains(message.text.unicodeScalars.count), message.text.isOneLine else {
      throw ReportFault(.fieldInvalid, message)
    }
    messageID = message.text
    switch kind {
    case .pain002: lines = try StatusReportReader.lines(body)
    case .camt053: lines = try EntryReader.lines(try body.neededAll("Stmt"), checkingTotals: true)
    case .camt054:
      lines = try EntryReader.lines(try body.neededAll("Ntfctn"), checkingTotals: false)
    }
  }
}

extension XMLElement {
  func needed(_ name: String) throws(ReportFault) -> XMLElement {
    guard let child = child(name) else { throw ReportFault(.fieldMissing, self, name) }
    return child
  }

  func neededAll(_ name: String) throws(ReportFault) -> [XMLElement] {
    let found = all(name)
    guard !found.isEmpty else { throw ReportFault(.fieldMissing, self, name) }
    return found
  }

  /// Text of at most `limit` characters on one line.
  func line(_ limit: Int) throws(ReportFault) -> String {
    guard text.unicodeScalars.count <= limit, text.isOneLine else {
      throw ReportFault(.fieldInvalid, self)
    }
    return text
  }
}

extension String {
  var isOneLine: Bool {
    unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}
