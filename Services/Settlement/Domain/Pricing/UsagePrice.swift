package import Model

/// What an order has used in its period.
package struct UsageMeter: Sendable, Hashable {
  /// The most that a meter counts of anything.
  package static let limit: Int64 = 1_000_000_000_000_000

  package var calls: Int64
  package var bytes: Int64
  package var rows: Int64

  package init(calls: Int64 = 0, bytes: Int64 = 0, rows: Int64 = 0) {
    self.calls = calls
    self.bytes = bytes
    self.rows = rows
  }

  /// The sum with another; nil when it would pass the limit.
  package func adding(_ other: UsageMeter) -> UsageMeter? {
    let sum = UsageMeter(
      calls: calls + other.calls, bytes: bytes + other.bytes, rows: rows + other.rows)
    return max(sum.calls, sum.bytes, sum.rows) <= Self.limit ? sum : nil
  }

  /// How many units of a price it comes to. Bytes were summed before: a MiB that is begun counts whole.
  package func units(of unit: CatalogV1.UsageUnit) -> Int64 {
    switch unit {
    case .call: calls
    case .mebibyte: (bytes + (1 << 20) - 1) >> 20
    case .row: rows
    case .unspecified, .unrecognized: 0
    }
  }
}

/// What usage costs: graduated tiers, summed exactly, rounded once, and never more than the cap.
package enum UsagePrice {
  private static let microsPerUnit: Int128 = 1_000_000

  /// The price before tax of a number of units, in minor units of the currency, rounded half up.
  ///
  /// Each unit costs what the tier that it falls in says. The sum is taken in 128 bits: it has no error
  /// before it is rounded, and does not depend on how the units were reported.
  package static func amount(
    of units: Int64, in tiers: [CatalogV1.UsageTier], cap: Int64
  ) -> Int64 {
    Int64(min((micros(of: units, in: tiers) + microsPerUnit / 2) / microsPerUnit, Int128(cap)))
  }

  /// The exact sum, in millionths of a minor unit.
  package static func micros(of units: Int64, in tiers: [CatalogV1.UsageTier]) -> Int128 {
    var start: Int64 = 0
    var sum: Int128 = 0
    for tier in tiers where units > start {
      let end = tier.upTo == 0 ? units : min(units, max(tier.upTo, start))
      sum += Int128(end - start) * Int128(tier.unitPriceMicros)
      start = end
    }
    return sum
  }

  /// The price before tax of what a meter counted.
  package static func amount(of meter: UsageMeter, at price: CatalogV1.Price) -> Int64 {
    amount(
      of: meter.units(of: price.usageUnit), in: price.tiers, cap: price.amount?.minorUnits ?? 0)
  }
}
