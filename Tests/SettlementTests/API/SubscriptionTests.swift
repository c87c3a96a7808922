import Model
import RPC
import SettlementDomain
import Stubs
import TestSupport
import Testing

struct SubscriptionTests {
  private func subscribe(
    _ market: TestMarket, _ change: (inout CatalogV1.Price) -> Void = { _ in }
  ) {
    var facts = market.facts()
    facts.offer.terms.price.model = .subscription
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 2)
    change(&facts.offer.terms.price)
    market.directory.set(facts)
  }

  @Test func paymentBuysThePeriod() async throws {
    let market = try await TestMarket(taxRate: 1_000)
    subscribe(market)
    let account = try await market.deposit(2_200_000)
    let paid = try await market.fund(try await market.place(), from: account)
    let end = market.time.now.adding(seconds: 2 * 86_400)
    #expect(paid.agreement?.validUntil == end)
    #expect(paid.pricing?.model == .subscription && paid.pricing?.period?.count == 2)
    let order = try await market.grant(paid).order
    let settled = try await market.accept(
      try await market.confirm(order, try market.receipt(try market.statement(of: order))))
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000, 200_000])
    #expect(settled.agreement?.validUntil == end)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func grantsEndWithThePeriod() throws {
    var order = TradeSamples.order(period: CatalogV1.BillingPeriod(unit: .month, count: 1))
    let now = TradeSamples.now
    let end = try #require(order.terms.pricing?.period?.end(after: now))
    let funding = Funding(
      accountID: AccountID(high: 1, low: 1), transferID: TransferID(high: 1, low: 1))
    try order.fund(
      funding, agreementID: AgreementID(high: 1, low: 1),
      deadlines: OrderDeadlines(deliverySeconds: 90 * 86_400), at: now)
    #expect(try order.noteGrant(at: end.adding(microseconds: -1)).validUntil == end)
    #expect(throws: SettlementError.agreementNotActive(.expired)) { try order.noteGrant(at: end) }
  }

  @Test func subscriptionThatCannotBeCarriedOutIsNotSold() async throws {
    let market = try await TestMarket()
    subscribe(market) { $0.period = nil }
    await expectRefusal("OFFER_NOT_PAYABLE") { try await market.place() }
    subscribe(market) { ($0.model, $0.renews) = (.usage, true) }
    await expectRefusal("OFFER_NOT_PAYABLE") { try await market.place() }
    await market.shutdown()
  }
}
