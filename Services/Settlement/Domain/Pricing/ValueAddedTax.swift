package import Model

/// The value-added tax of an order, frozen when it was placed.
package struct OrderTax: Sendable, Hashable {
  /// The rule that it follows from; nil when none applied, and there is no tax.
  package let ruleVersion: Int32?
  /// 1000 is 10 %.
  package let rateBasisPoints: Int32
  package let amount: Money

  package init(ruleVersion: Int32?, rateBasisPoints: Int32, amount: Money) {
    self.ruleVersion = ruleVersion
    self.rateBasisPoints = rateBasisPoints
    self.amount = amount
  }
}

/// How much tax an amount bears.
package enum ValueAddedTax {
  /// The tax on `net`: rate times amount, rounded half up to the minor unit, once for each charge.
  /// Exact: the product is taken in 128 bits.
  ///
  /// - Precondition: neither is negative, and the rate is at most 10,000.
  package static func amount(on net: Int64, rateBasisPoints: Int32) -> Int64 {
    precondition(net >= 0 && (0...10_000).contains(rateBasisPoints), "a tax is a part of an amount")
    return Int64((Int128(net) * Int128(rateBasisPoints) + 5_000) / 10_000)
  }

  /// The tax on a price under the rule that applies; without a rule there is none.
  package static func charge(_ net: Money, under rule: TaxRule?) -> OrderTax {
    let rate = rule?.rateBasisPoints ?? 0
    return OrderTax(
      ruleVersion: rule?.version, rateBasisPoints: rate,
      amount: Money(
        currency: net.currency,
        minorUnits: amount(on: net.minorUnits, rateBasisPoints: rate)))
  }
}

/// What a rule of the tax table is asked about.
package struct TaxableSupply: Sendable, Hashable {
  package let supplierJurisdiction: String
  package let customerJurisdiction: String
  package let dataClass: CatalogV1.DataClass

  package init(
    supplierJurisdiction: String, customerJurisdiction: String, dataClass: CatalogV1.DataClass
  ) {
    self.supplierJurisdiction = supplierJurisdiction
    self.customerJurisdiction = customerJurisdiction
    self.dataClass = dataClass
  }

  package init(_ facts: TradeFacts) {
    self.init(
      supplierJurisdiction: facts.provider.jurisdiction,
      customerJurisdiction: facts.consumer.jurisdiction,
      dataClass: facts.product.description.dataClass)
  }

  package var kind: SettlementV1.TaxSupply {
    supplierJurisdiction == customerJurisdiction ? .domestic : .crossBorder
  }
}
