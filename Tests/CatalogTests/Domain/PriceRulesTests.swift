import CatalogDomain
import Model
import Testing

struct PriceRulesTests {
  private static let month = CatalogV1.BillingPeriod(unit: .month, count: 1)
  private static let amount = Money(currency: .vnd, minorUnits: 90_000)

  private static let subscription = CatalogV1.Price(
    model: .subscription, amount: amount, period: month, renews: true, noticeDays: 7)
  private static let usage = CatalogV1.Price(
    model: .usage, amount: amount, period: month, usageUnit: .row,
    tiers: [
      CatalogV1.UsageTier(upTo: 1_000, unitPriceMicros: 0),
      CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 500_000),
    ])

  private func violations(
    _ price: CatalogV1.Price, _ change: (inout CatalogV1.Price) -> Void = { _ in }
  ) -> [String] {
    var price = price
    change(&price)
    return PriceRules.violations(of: price).map { "\($0.field.dropFirst(12)) \($0.rule)" }
  }

  @Test func soundPricesPass() {
    #expect(violations(Self.subscription).isEmpty)
    #expect(violations(Self.usage).isEmpty)
    #expect(violations(CatalogV1.Price(model: .oneOff, amount: Self.amount)).isEmpty)
    #expect(violations(CatalogV1.Price(model: .free)).isEmpty)
  }

  @Test func subscriptionNeedsAPeriodAndNoticeWithinIt() {
    #expect(violations(Self.subscription) { $0.period = nil }.contains("period required"))
    #expect(violations(Self.subscription) { $0.noticeDays = 28 } == ["notice_days integer.lt"])
    #expect(violations(Self.subscription) { $0.noticeDays = 27 }.isEmpty)
    #expect(violations(Self.subscription) { $0.renews = false } == ["notice_days absent"])
    #expect(violations(Self.subscription) { $0.amount = nil } == ["amount required"])
    #expect(violations(Self.subscription) { $0.usageUnit = .row } == ["tiers absent"])
  }

  @Test func usageNeedsAUnitTiersAndACap() {
    #expect(violations(Self.usage) { $0.usageUnit = .unspecified } == ["usage_unit required"])
    #expect(violations(Self.usage) { $0.tiers = [] } == ["tiers required"])
    #expect(violations(Self.usage) { $0.amount = nil } == ["amount required"])
    #expect(violations(Self.usage) { $0.renews = true } == ["renews absent"])
  }

  @Test func tiersRiseAndTheLastHasNoEnd() {
    #expect(violations(Self.usage) { $0.tiers[1].upTo = 2_000 } == ["tiers[1].up_to absent"])
    #expect(violations(Self.usage) { $0.tiers[0].upTo = 0 } == ["tiers[0].up_to integer.gt"])
    let falling = violations(Self.usage) {
      $0.tiers.insert(CatalogV1.UsageTier(upTo: 1_000, unitPriceMicros: 1), at: 1)
    }
    #expect(falling == ["tiers[1].up_to integer.gt"])
  }

  @Test func otherModelsHaveNeitherPeriodNorTiers() {
    let oneOff = CatalogV1.Price(model: .oneOff, amount: Self.amount)
    #expect(violations(oneOff) { $0.period = Self.month } == ["period absent"])
    #expect(violations(oneOff) { $0.renews = true } == ["renews absent"])
    #expect(violations(oneOff) { $0.tiers = Self.usage.tiers } == ["tiers absent"])
    #expect(violations(CatalogV1.Price(model: .unspecified)) == ["model required"])
  }
}
