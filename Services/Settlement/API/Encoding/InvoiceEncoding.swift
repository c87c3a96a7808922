import Model
import ServiceRuntime
import SettlementDomain

extension SettlementV1.Invoice {
  init(_ invoice: Invoice) {
    self.init(
      id: invoice.id, kind: invoice.kind, number: invoice.number, serial: invoice.serial,
      year: invoice.series.year, environment: invoice.series.environment,
      seller: invoice.parties.seller, buyer: invoice.parties.buyer, orderID: invoice.orderID,
      transferIDs: invoice.transferIDs, correctsID: invoice.corrects?.id,
      correctsNumber: invoice.corrects?.number ?? "", lines: invoice.lines, net: invoice.net,
      tax: SettlementV1.OrderTax(invoice.tax), total: invoice.total, issueTime: invoice.issueTime)
  }
}

extension AuditEvent {
  /// An invoice or a credit note was issued.
  init(_ invoice: Invoice) {
    var payload = [
      "number": invoice.number,
      "transfers": invoice.transferIDs.map(\.description).joined(separator: " "),
      "net": "\(invoice.net)",
      "tax": "\(invoice.tax.amount)", "total": "\(invoice.total)",
      "tax_rule": invoice.tax.ruleVersion.map { "\($0)" } ?? "none",
    ]
    if let corrects = invoice.corrects { payload["corrects"] = corrects.number }
    self.init(
      kind: invoice.kind == .creditNote ? "credit_note.issued" : "invoice.issued",
      subjects: [
        "invoice/\(invoice.id)", "order/\(invoice.orderID)",
        "participant/\(invoice.parties.buyer.participantID)",
        "participant/\(invoice.parties.seller.participantID)",
      ],
      payload: payload)
  }
}
