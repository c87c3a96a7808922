import Model
import SettlementDomain
import Testing

struct UsagePriceTests {
  private static let tiers = [
    CatalogV1.UsageTier(upTo: 100, unitPriceMicros: 0),
    CatalogV1.UsageTier(upTo: 1_000, unitPriceMicros: 500_000),
    CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 250_000),
  ]

  @Test(
    arguments: [
      (0, 0), (100, 0), (101, 1), (102, 1), (103, 2), (1_000, 450), (1_001, 450), (1_002, 451),
      (5_000, 1_450), (1_000_000, 2_000), (UsageMeter.limit, 2_000),
    ] as [(Int64, Int64)])
  func unitsCostWhatTheirTierSaysUpToTheCap(units: Int64, amount: Int64) {
    #expect(UsagePrice.amount(of: units, in: Self.tiers, cap: 2_000) == amount)
  }

  @Test func largestUsageAtTheLargestPriceStaysExact() {
    let tier = CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 1_000_000_000_000_000)
    let micros = UsagePrice.micros(of: UsageMeter.limit, in: [tier])
    #expect(micros == Int128(UsageMeter.limit) * Int128(UsageMeter.limit))
    #expect(UsagePrice.amount(of: UsageMeter.limit, in: [tier], cap: Money.limit) == Money.limit)
  }

  /// Against a sum unit by unit; it never falls, and the cap is never passed.
  @Test func priceIsTheSumOfItsUnitsAndNeverFalls() {
    var random = SplitMix64(seed: 2026)
    for _ in 0..<60 {
      var end: Int64 = 0
      var tiers: [CatalogV1.UsageTier] = []
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        end += Int64.random(in: 1...40, using: &random)
        tiers.append(
          CatalogV1.UsageTier(
            upTo: end, unitPriceMicros: .random(in: 0...3_000_000, using: &random)))
      }
      tiers.append(
        CatalogV1.UsageTier(upTo: 0, unitPriceMicros: .random(in: 0...3_000_000, using: &random)))
      let cap = Int64.random(in: 1...300, using: &random)
      var sum: Int128 = 0
      var previous: Int64 = 0
      for units in 1...Int64(150) {
        let tier = tiers.first { $0.upTo == 0 || units <= $0.upTo }
        sum += Int128(tier?.unitPriceMicros ?? 0)
        #expect(UsagePrice.micros(of: units, in: tiers) == sum)
        let amount = UsagePrice.amount(of: units, in: tiers, cap: cap)
        #expect(amount >= previous && amount <= cap)
        previous = amount
      }
    }
  }

  @Test func mebibyteThatIsBegunCountsWholeOnceForThePeriod() {
    let halves = [UsageMeter(bytes: 600_000), UsageMeter(bytes: 600_000)]
    let sum = halves.reduce(UsageMeter()) { $0.adding($1) ?? $0 }
    #expect(sum.units(of: .mebibyte) == 2)
    #expect(halves[0].units(of: .mebibyte) == 1)
    #expect(UsageMeter(bytes: 1 << 20).units(of: .mebibyte) == 1)
    #expect(UsageMeter().units(of: .mebibyte) == 0)
  }

  @Test func meterDoesNotPassItsLimit() {
    #expect(UsageMeter(rows: UsageMeter.limit).adding(UsageMeter(rows: 1)) == nil)
    #expect(UsageMeter(rows: UsageMeter.limit - 1).adding(UsageMeter(rows: 1)) != nil)
  }
}
