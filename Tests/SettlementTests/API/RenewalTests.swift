import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// Subscriptions at 1,000,000 a period with a tax of 10 %, renewed an hour before the end, with three days of
/// grace and an attempt every six hours.
struct RenewalTests {
  private static let day: Int64 = 86_400

  private func market(
    _ unit: CatalogV1.PeriodUnit = .month, count: Int32 = 1, noticeDays: Int32 = 0,
    environment: TypeV1.Environment = .live
  ) async throws -> TestMarket {
    let market = try await TestMarket(
      price: 1_000_000, environment: environment, taxRate: 1_000,
      certificateSeconds: 200 * Self.day)
    var facts = market.facts(price: 1_000_000, environment: environment)
    facts.offer.terms.price.model = .subscription
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: unit, count: count)
    facts.offer.terms.price.renews = true
    facts.offer.terms.price.noticeDays = noticeDays
    market.directory.set(facts)
    return market
  }

  /// A subscription of which the first period is paid, delivered and paid out.
  private func subscribed(
    _ market: TestMarket, from account: AccountID
  ) async throws -> SettlementV1.Order {
    try await market.accept(try await market.delivered(from: account))
  }

  private func keeper(_ market: TestMarket) throws -> RenewalKeeper {
    let timekeepers = market.service.parts.services.compactMap { $0 as? Timekeeper }
    return try #require(timekeepers.first).renewals
  }

  /// Sets the clock and does what is due.
  private func pass(to time: Timestamp?, _ market: TestMarket) async throws {
    let time = try #require(time)
    market.time.advance(seconds: (time.microseconds - market.time.now.microseconds) / 1_000_000)
    _ = try await keeper(market).renewDue()
  }

  private func cancel(
    _ order: SettlementV1.Order, _ client: OrderServiceClient, _ market: TestMarket
  ) async throws -> SettlementV1.Order {
    try await client.cancelRenewal(
      SettlementV1.CancelRenewalRequest(
        requestID: market.requestID(), orderID: order.id, reason: "enough")
    ).order
  }

  @Test func eachPeriodIsChargedBeforeItBeginsAndPaidOutByTheSplit() async throws {
    let market = try await market()
    let account = try await market.deposit(10_000_000)
    var order = try await subscribed(market, from: account)
    let first = try #require(order.renewal)
    #expect(first.state == .renewing && first.period == 1 && first.blockedBy.isEmpty)
    #expect(first.dueTime == first.periodEnd?.adding(seconds: -3_600))
    #expect(order.agreement?.validUntil == first.periodEnd?.adding(seconds: 3 * Self.day))
    var end = first.periodEnd
    for period in Int32(2)...4 {
      try await pass(to: order.renewal?.dueTime, market)
      order = try await market.get(order)
      #expect(order.renewal?.period == period && order.renewal?.periodStart == end)
      #expect(order.state == .settled && order.agreement?.state == .active)
      end = order.renewal?.periodEnd
    }
    #expect(try await market.balance(account) == 10_000_000 - 4 * 1_100_000)
    #expect(try await market.balance(order.payouts[0].accountID) == 4 * 800_000)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 0)
    #expect(try await market.balance(try await market.exchangeAccount(.tax).id) == 4 * 250_000)
    #expect(try await market.findings().isEmpty)
    let story = try await market.story(of: "order/\(order.id)")
    #expect(story.count { $0 == "agreement.renewed" } == 3)
    _ = try await market.grant(order)
    await market.shutdown()
  }

  @Test func renewingSubscriptionIsNotRefundedButCancelled() async throws {
    let market = try await market()
    let account = try await market.deposit(10_000_000)
    let order = try await subscribed(market, from: account)
    for amount in [Int64(0), 1] {
      await expectRefusal("REFUND_OF_RENEWING_ORDER") {
        try await market.deliveries.refundOrder(
          SettlementV1.RefundOrderRequest(
            requestID: market.requestID(), orderID: order.id, amountMinorUnits: amount,
            reason: "goodwill"))
      }
    }
    #expect(try await market.balance(account) == 8_900_000)
    let cancelled = try await cancel(order, market.deliveries, market)
    #expect(cancelled.renewal?.state == .cancelled && cancelled.state == .settled)
    await market.shutdown()
  }

  @Test func subscriptionOfThe31stComesBackToThe31st() throws {
    let start = try #require(Timestamp("2027-01-31T09:00:00Z"))
    var order = TradeSamples.order(
      period: CatalogV1.BillingPeriod(unit: .month, count: 1), renews: true, at: start)
    try order.fund(
      Funding(accountID: AccountID(high: 1, low: 1), transferID: TransferID(high: 1, low: 1)),
      agreementID: AgreementID(high: 1, low: 1),
      deadlines: .standard, at: start)
    var ends = [order.renewal?.periodEnd]
    for _ in 0..<3 {
      let renewal = try #require(order.renewal)
      let end = order.terms.pricing?.period?.end(
        after: renewal.startTime, periods: renewal.period + 1)
      order.renew(
        RenewalPayment(
          period: renewal.period + 1, start: renewal.periodEnd, end: try #require(end),
          transferID: TransferID(high: 1, low: 1),
          tax: OrderTax(
            ruleVersion: nil, rateBasisPoints: 0, amount: Money(currency: .vnd, minorUnits: 0))),
        RenewalSchedule(), at: renewal.periodEnd)
      ends.append(end)
    }
    #expect(
      ends == [
        Timestamp("2027-02-28T09:00:00Z"), Timestamp("2027-03-31T09:00:00Z"),
        Timestamp("2027-04-30T09:00:00Z"),
        Timestamp("2027-05-31T09:00:00Z"),
      ])
  }

  @Test func moneyThatComesWithinTheGraceKeepsTheAgreement() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(1_100_000)
    let order = try await subscribed(market, from: account)
    let end = try #require(order.renewal?.periodEnd)
    try await pass(to: order.renewal?.dueTime, market)
    var overdue = try await market.get(order)
    #expect(overdue.renewal?.state == .overdue && overdue.renewal?.nextActor == .consumer)
    #expect(overdue.renewal?.blockedBy == "INSUFFICIENT_FUNDS" && overdue.renewal?.period == 1)
    try await pass(to: end.adding(seconds: Self.day), market)
    overdue = try await market.get(order)
    #expect(overdue.agreement?.state == .active && overdue.renewal?.period == 1)
    _ = try await market.grant(order)
    let external = try await market.exchangeAccount(.external).id
    _ = try await market.staff.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: [
        SettlementV1.Transfer(
          id: .make(at: market.time.now), kind: .post, debitAccountID: external,
          creditAccountID: account, amount: 1_200_000, currencyCode: "VND")
      ]))
    try await pass(to: overdue.renewal?.dueTime, market)
    let renewed = try await market.get(order)
    #expect(renewed.renewal?.state == .renewing && renewed.renewal?.period == 2)
    #expect(renewed.renewal?.periodStart == end)
    #expect(try await market.balance(account) == 100_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func unpaidAgreementExpiresWhenTheGraceIsOver() async throws {
    let market = try await market(.day, count: 30)
    let order = try await subscribed(market, from: try await market.deposit(1_100_000))
    let end = try #require(order.agreement?.validUntil)
    try await pass(to: order.renewal?.dueTime, market)
    try await pass(to: end.adding(seconds: -1), market)
    #expect(try await market.get(order).agreement?.state == .active)
    // By time, before anyone has written it down.
    market.time.advance(seconds: 1)
    let expired = try await market.get(order)
    #expect(expired.agreement?.state == .expired && expired.renewal?.state == .ended)
    await expectRefusal("AGREEMENT_NOT_ACTIVE") { try await market.grant(order) }
    #expect(try await keeper(market).renewDue() == nil)
    #expect(try await market.story(of: "order/\(order.id)").contains("agreement.expired"))
    #expect(try await market.get(order).renewal?.dueTime == nil)
    await market.shutdown()
  }

  @Test func closedGateHoldsTheRenewalUp() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(3_300_000)
    let order = try await subscribed(market, from: account)
    var facts = market.facts(price: 1_000_000)
    facts.provider.state = .suspended
    market.directory.set(facts)
    try await pass(to: order.renewal?.dueTime, market)
    let held = try await market.get(order)
    #expect(held.renewal?.blockedBy == "PROVIDER_NOT_ACTIVE" && held.renewal?.period == 1)
    #expect(try await market.balance(account) == 2_200_000)
    market.directory.set(market.facts(price: 1_000_000))
    try await pass(to: held.renewal?.dueTime, market)
    #expect(try await market.get(order).renewal?.period == 2)
    await market.shutdown()
  }

  @Test func servicesThatDoNotAnswerRefuseNothing() async throws {
    let market = try await market(.day, count: 30)
    let order = try await subscribed(market, from: try await market.deposit(3_300_000))
    await market.directory.stopCatalog()
    try await pass(to: order.renewal?.dueTime, market)
    let waiting = try await market.get(order)
    #expect(waiting.renewal?.state == .renewing && waiting.renewal?.period == 1)
    #expect(waiting.renewal?.blockedBy.isEmpty == true)
    await market.shutdown()
  }

  @Test func cancelledRenewalLastsToTheEndOfThePaidPeriod() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(3_300_000)
    let order = try await subscribed(market, from: account)
    let cancelled = try await cancel(order, market.orders, market)
    #expect(cancelled.renewal?.state == .cancelled && cancelled.renewal?.lastPeriod == 1)
    #expect(cancelled.agreement?.validUntil == order.renewal?.periodEnd)
    await expectRefusal("RENEWAL_ALREADY_CANCELLED") {
      try await cancel(order, market.deliveries, market)
    }
    try await pass(to: cancelled.agreement?.validUntil?.adding(seconds: -1), market)
    _ = try await market.grant(order)
    try await pass(to: cancelled.agreement?.validUntil, market)
    #expect(try await market.get(order).agreement?.state == .expired)
    #expect(try await market.balance(account) == 2_200_000)
    await expectRefusal("AGREEMENT_NOT_ACTIVE") { try await cancel(order, market.orders, market) }
    await market.shutdown()
  }

  @Test func cancellationAfterTheNoticeTakesEffectOnePeriodLater() async throws {
    let market = try await market(.day, count: 30, noticeDays: 7)
    let account = try await market.deposit(5_500_000)
    let order = try await subscribed(market, from: account)
    let end = try #require(order.renewal?.periodEnd)
    try await pass(to: end.adding(seconds: -7 * Self.day + 1), market)
    let cancelled = try await cancel(order, market.deliveries, market)
    #expect(cancelled.renewal?.state == .renewing && cancelled.renewal?.lastPeriod == 2)
    try await pass(to: cancelled.renewal?.dueTime, market)
    let last = try await market.get(order)
    #expect(last.renewal?.state == .cancelled && last.renewal?.period == 2)
    #expect(last.agreement?.validUntil == last.renewal?.periodEnd)
    try await pass(to: last.renewal?.dueTime, market)
    #expect(try await market.get(order).renewal?.state == .ended)
    #expect(try await market.balance(account) == 3_300_000)
    await market.shutdown()
  }

  @Test func runningSubscriptionKeepsItsPriceAndTakesTheTaxOfTheDay() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(10_000_000)
    let order = try await subscribed(market, from: account)
    var facts = market.facts(price: 9_000_000)
    facts.offer.etag = "v2"
    facts.offer.terms.split = [TypeV1.SplitShare(beneficiary: .provider, weight: 1)]
    market.directory.set(facts)
    let now = market.time.now
    try await market.service.database.write { db in
      let table = TaxRuleTable(db)
      try table.insert(
        TaxRule(
          version: try table.nextVersion(), jurisdiction: "VN", supply: .domestic,
          rateBasisPoints: 500, validFrom: now.adding(seconds: Self.day), legalSource: "test",
          approveTime: now))
    }
    try await pass(to: order.renewal?.dueTime, market)
    #expect(try await market.get(order).renewal?.period == 2)
    #expect(try await market.balance(account) == 10_000_000 - 1_100_000 - 1_050_000)
    #expect(try await market.balance(order.payouts[0].accountID) == 2 * 800_000)
    await market.shutdown()
  }

  @Test func periodIsChargedOnceHoweverManyTry() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(10_000_000)
    let order = try await subscribed(market, from: account)
    let keeper = try keeper(market)
    market.time.advance(seconds: 30 * Self.day)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 { group.addTask { try await keeper.renew(order.id) } }
      try await group.waitForAll()
    }
    #expect(try await market.get(order).renewal?.period == 2)
    #expect(try await market.balance(account) == 7_800_000)
    let story = try await market.story(of: "order/\(order.id)")
    #expect(story.count { $0 == "agreement.renewed" } == 1)
    await market.shutdown()
  }

  @Test func terminationEndsTheRenewal() async throws {
    let market = try await market(.day, count: 30)
    let account = try await market.deposit(3_300_000)
    let order = try await subscribed(market, from: account)
    let ended = try await market.orders.terminateAgreement(
      SettlementV1.TerminateAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "enough")
    ).order
    #expect(ended.agreement?.state == .terminated && ended.renewal?.state == .ended)
    try await pass(to: order.renewal?.periodEnd, market)
    #expect(try await market.balance(account) == 2_200_000)
    await market.shutdown()
  }

  @Test func sandboxSubscriptionsRenewWithPlayMoney() async throws {
    let market = try await market(.day, count: 30, environment: .sandbox)
    let account = try await market.deposit(3_300_000, environment: .sandbox)
    let order = try await subscribed(market, from: account)
    try await pass(to: order.renewal?.dueTime, market)
    #expect(try await market.balance(account) == 1_100_000)
    let live = try await market.exchangeAccount(.tax).id
    let play = try await market.exchangeAccount(.tax, .sandbox).id
    #expect(try await market.balance(live) == 0)
    #expect(try await market.balance(play) == 2 * 250_000)
    await market.shutdown()
  }

  @Test func othersCannotCancelAndOneOffOrdersDoNotRenew() async throws {
    let market = try await market()
    let order = try await subscribed(market, from: try await market.deposit(1_100_000))
    let stranger = try market.service.channel(as: market.authority.caller([.consumer]))
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await cancel(order, OrderServiceClient(stranger), market)
    }
    await stranger.close()
    market.directory.set(market.facts(price: 1_000_000))
    let single = try await market.fund(
      try await market.place(), from: try await market.deposit(1_100_000))
    #expect(single.renewal == nil)
    await expectRefusal("ORDER_DOES_NOT_RENEW") { try await cancel(single, market.orders, market) }
    await market.shutdown()
  }
}
