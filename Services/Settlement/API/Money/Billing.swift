import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Issues an invoice whenever money of an order is taken, and a credit note whenever it goes back, in the
/// transaction that moves the money.
struct Billing {
  private let partition: String
  private let transaction: Transaction

  init(_ ledger: Ledger, _ transaction: Transaction) {
    partition = ledger.partitions.own?.name ?? ""
    self.transaction = transaction
  }

  /// An invoice about what `transfer` took for one supply.
  func invoice(
    _ order: Order, for transfer: TransferID, _ line: SettlementV1.InvoiceLine,
    between parties: InvoiceParties, net: Money, tax: OrderTax
  ) throws {
    try issue(.invoice, order, for: [transfer], between: parties, [line], net: net, tax: tax)
  }

  /// An invoice about what `transfer` took for what a meter counted, to those who were parties when the order
  /// was paid; `parts` say how it was divided.
  func invoice(
    _ meter: UsageMeter, of order: Order, for transfer: TransferID, _ parts: [PaymentPart],
    in currency: Currency
  ) throws {
    let found = try OrderPartyTable(transaction.db).find(order.id)
    let parties = found?.parties ?? InvoiceParties(unnamed: order.terms)
    let lines = order.terms.invoiceLines(
      parties.title, for: meter, from: found?.payTime, until: order.agreement?.validUntil)
    let tax = parts.taxes
    try issue(
      .invoice, order, for: [transfer], between: parties, lines,
      net: Money(currency: currency, minorUnits: parts.total - tax),
      tax: OrderTax(
        ruleVersion: order.terms.tax?.ruleVersion,
        rateBasisPoints: order.terms.tax?.rateBasisPoints ?? 0,
        amount: Money(currency: currency, minorUnits: tax)))
  }

  /// A credit note about what `transfers` gave back of the payment of an order, against its invoice: only the
  /// first payment of an order is ever given back. None for an order that was paid before there were invoices.
  /// - Parameter parts: what each part of the payment gave back.
  func credit(_ order: Order, for transfers: [TransferID], _ parts: [PaymentPart]) throws {
    guard let original = try InvoiceTable(transaction.db).first(of: order.id) else { return }
    let currency = original.net.currency
    let tax = parts.taxes
    try issue(
      .creditNote, order, for: transfers, between: original.parties, original.lines,
      net: Money(currency: currency, minorUnits: parts.total - tax),
      tax: OrderTax(
        ruleVersion: original.tax.ruleVersion, rateBasisPoints: original.tax.rateBasisPoints,
        amount: Money(currency: currency, minorUnits: tax)),
      correcting: original)
  }

  private func issue(
    _ kind: SettlementV1.InvoiceKind, _ order: Order, for transfers: [TransferID],
    between parties: InvoiceParties, _ lines: [SettlementV1.InvoiceLine], net: Money,
    tax: OrderTax, correcting original: Invoice? = nil
  ) throws {
    let table = InvoiceTable(transaction.db)
    let series = InvoiceSeries(
      partition: partition, environment: order.terms.environment,
      issuerID: order.terms.providerID, kind: kind, at: transaction.now)
    let invoice = Invoice(
      id: .make(at: transaction.now), series: series, serial: try table.nextSerial(in: series),
      orderID: order.id, transferIDs: transfers, corrects: original?.reference, parties: parties,
      lines: lines, net: net, tax: tax, issueTime: transaction.now)
    try table.insert(invoice)
    try transaction.emit(AuditEvent(invoice))
  }
}

extension InvoiceParties {
  /// Of an order by usage that was paid before names were kept.
  fileprivate init(unnamed terms: OrderTerms) {
    self.init(
      seller: SettlementV1.InvoiceParty(participantID: terms.providerID),
      buyer: SettlementV1.InvoiceParty(participantID: terms.consumerID),
      title: TypeV1.LocalizedText(vi: terms.productID.description))
  }
}

extension [PaymentPart] {
  /// Minor units of all parts.
  fileprivate var total: Int64 { reduce(0) { $0 + $1.amount } }

  /// Minor units that are tax.
  fileprivate var taxes: Int64 { filter { $0.share.beneficiary == .taxOffice }.total }
}
