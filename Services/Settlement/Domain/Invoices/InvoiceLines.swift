package import Model

/// What the lines of an invoice say was supplied.
extension OrderTerms {
  /// One product, or one period of a subscription.
  package func invoiceLine(
    _ title: TypeV1.LocalizedText, from start: Timestamp? = nil, until end: Timestamp? = nil
  ) -> SettlementV1.InvoiceLine {
    SettlementV1.InvoiceLine(
      productID: productID, title: title, periodStart: start, periodEnd: end,
      unit: pricing?.model == .subscription ? .period : .product, quantity: 1,
      unitPriceMinorUnits: price?.minorUnits ?? 0)
  }

  /// What was used, a line for each tier that was reached.
  package func invoiceLines(
    _ title: TypeV1.LocalizedText, for meter: UsageMeter, from start: Timestamp?,
    until end: Timestamp?
  ) -> [SettlementV1.InvoiceLine] {
    guard let pricing else { return [] }
    let units = meter.units(of: pricing.usageUnit)
    var counted: Int64 = 0
    var lines: [SettlementV1.InvoiceLine] = []
    for tier in pricing.tiers where units > counted {
      let last = tier.upTo == 0 ? units : min(units, tier.upTo)
      let price = tier.unitPriceMicros.quotientAndRemainder(dividingBy: 1_000_000)
      lines.append(
        SettlementV1.InvoiceLine(
          productID: productID, title: title, periodStart: start, periodEnd: end,
          unit: SettlementV1.InvoiceUnit(pricing.usageUnit), quantity: last - counted,
          unitPriceMinorUnits: price.quotient, unitPriceMicros: Int32(price.remainder)))
      counted = last
    }
    return lines
  }
}

extension SettlementV1.InvoiceUnit {
  fileprivate init(_ unit: CatalogV1.UsageUnit) {
    self =
      switch unit {
      case .call: .call
      case .mebibyte: .mebibyte
      case .row: .row
      case .unspecified, .unrecognized: .unspecified
      }
  }
}
