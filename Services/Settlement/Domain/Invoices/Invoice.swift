import Foundation
package import Model

/// What serials are counted in: without gaps, from 1, in each series.
package struct InvoiceSeries: Sendable, Hashable {
  /// The partition of the exchange that issues it; empty when there is only one.
  package let partition: String
  package let environment: TypeV1.Environment
  /// The seller.
  package let issuerID: ParticipantID
  /// The calendar year in Viet Nam (UTC+7, without daylight saving).
  package let year: Int32
  package let kind: SettlementV1.InvoiceKind

  package init(
    partition: String, environment: TypeV1.Environment, issuerID: ParticipantID, year: Int32,
    kind: SettlementV1.InvoiceKind
  ) {
    self.partition = partition
    self.environment = environment
    self.issuerID = issuerID
    self.year = year
    self.kind = kind
  }

  /// The series of what is issued at `now`.
  package init(
    partition: String, environment: TypeV1.Environment, issuerID: ParticipantID,
    kind: SettlementV1.InvoiceKind, at now: Timestamp
  ) {
    self.init(
      partition: partition, environment: environment, issuerID: issuerID,
      year: Self.year(at: now), kind: kind)
  }

  /// The calendar year in Viet Nam at `now`.
  package static func year(at now: Timestamp) -> Int32 {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 7 * 3_600) ?? .gmt
    let seconds = now.microseconds.quotientAndRemainder(dividingBy: 1_000_000).quotient
    return Int32(calendar.component(.year, from: Date(timeIntervalSince1970: Double(seconds))))
  }

  /// `2026/INV/00000012`, `p1/2026/CN/00000001`; in the sandbox it begins with `SANDBOX/`.
  package func number(_ serial: Int64) -> String {
    let digits = String(serial)
    let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    let parts = [
      environment == .live ? "" : "SANDBOX", partition, "\(year)",
      kind == .creditNote ? "CN" : "INV", padded,
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "/")
  }
}

/// Who sold what to whom, as catalog and identity said when the money was taken.
package struct InvoiceParties: Sendable, Hashable {
  package let seller: SettlementV1.InvoiceParty
  package let buyer: SettlementV1.InvoiceParty
  /// The product's title.
  package let title: TypeV1.LocalizedText

  package init(
    seller: SettlementV1.InvoiceParty, buyer: SettlementV1.InvoiceParty,
    title: TypeV1.LocalizedText
  ) {
    self.seller = seller
    self.buyer = buyer
    self.title = title
  }

  package init(_ facts: TradeFacts) {
    func party(_ participant: IdentityV1.Participant) -> SettlementV1.InvoiceParty {
      SettlementV1.InvoiceParty(
        participantID: participant.id, name: participant.name, legalID: participant.legalID,
        jurisdiction: participant.jurisdiction)
    }
    self.init(
      seller: party(facts.provider), buyer: party(facts.consumer),
      title: facts.product.description.title)
  }
}

/// An invoice, or a credit note that corrects one. It never changes.
package struct Invoice: Sendable, Hashable {
  package let id: InvoiceID
  package let series: InvoiceSeries
  package let serial: Int64
  package let orderID: OrderID
  /// What took the money, or gave it back: these sum to the total.
  package let transferIDs: [TransferID]
  /// What a credit note corrects; nil for an invoice.
  package let corrects: InvoiceReference?
  package let parties: InvoiceParties
  package let lines: [SettlementV1.InvoiceLine]
  /// Before tax.
  package let net: Money
  package let tax: OrderTax
  package let issueTime: Timestamp

  package init(
    id: InvoiceID, series: InvoiceSeries, serial: Int64, orderID: OrderID,
    transferIDs: [TransferID],
    corrects: InvoiceReference? = nil, parties: InvoiceParties, lines: [SettlementV1.InvoiceLine],
    net: Money, tax: OrderTax, issueTime: Timestamp
  ) {
    self.id = id
    self.series = series
    self.serial = serial
    self.orderID = orderID
    self.transferIDs = transferIDs
    self.corrects = corrects
    self.parties = parties
    self.lines = lines
    self.net = net
    self.tax = tax
    self.issueTime = issueTime
  }

  package var kind: SettlementV1.InvoiceKind { series.kind }
  package var number: String { series.number(serial) }
  package var reference: InvoiceReference { InvoiceReference(id: id, number: number) }

  /// What was taken or given back.
  package var total: Money {
    Money(currency: net.currency, minorUnits: net.minorUnits + tax.amount.minorUnits)
  }
}

/// Another document, by its identifier and its number.
package struct InvoiceReference: Sendable, Hashable {
  package let id: InvoiceID
  package let number: String

  package init(id: InvoiceID, number: String) {
    self.id = id
    self.number = number
  }
}

extension Viewer {
  package func sees(_ invoice: Invoice) -> Bool {
    switch self {
    case .exchange: true
    case .participant(let id):
      id == invoice.parties.seller.participantID || id == invoice.parties.buyer.participantID
    }
  }
}
