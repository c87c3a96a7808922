import Model
import SettlementDomain
import Testing

struct BillingPeriodTests {
  @Test(
    arguments: [
      ("2026-01-15T08:30:00.25Z", 1, "2026-02-15T08:30:00.25Z"),
      ("2026-01-31T00:00:00Z", 1, "2026-02-28T00:00:00Z"),
      ("2028-01-31T00:00:00Z", 1, "2028-02-29T00:00:00Z"),
      ("2026-11-30T23:59:59Z", 3, "2027-02-28T23:59:59Z"),
      ("2026-02-28T12:00:00Z", 12, "2027-02-28T12:00:00Z"),
    ] as [(String, Int32, String)])
  func monthsEndOnTheSameDayOrTheLast(start: String, count: Int32, end: String) throws {
    let period = CatalogV1.BillingPeriod(unit: .month, count: count)
    #expect(period.end(after: try #require(Timestamp(start))) == Timestamp(end))
  }

  @Test func daysAreOf24Hours() {
    let period = CatalogV1.BillingPeriod(unit: .day, count: 30)
    #expect(period.end(after: TradeSamples.now) == TradeSamples.now.adding(seconds: 30 * 86_400))
  }
}
