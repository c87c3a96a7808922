import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

/// Usage of a day at 0.5 đồng a call after 100 free ones, at most 2,000,000, with a tax of 10 %.
struct UsageTests {
  private static let hour: Int64 = 3_600

  private func market() async throws -> TestMarket {
    let market = try await TestMarket(taxRate: 1_000, certificateSeconds: 96 * Self.hour)
    var facts = market.facts()
    facts.offer.terms.price.model = .usage
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 1)
    facts.offer.terms.price.usageUnit = .call
    facts.offer.terms.price.tiers = [
      CatalogV1.UsageTier(upTo: 100, unitPriceMicros: 0),
      CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 500_000),
    ]
    market.directory.set(facts)
    return market
  }

  /// A paid order of which a grant was issued.
  private func opened(_ market: TestMarket, from account: AccountID) async throws
    -> SettlementV1.Order
  {
    try await market.grant(try await market.fund(try await market.place(), from: account)).order
  }

  private func record(
    _ sequence: Int64, _ order: SettlementV1.Order, calls: Int64
  ) -> SettlementV1.UsageRecord {
    SettlementV1.UsageRecord(sequence: sequence, orderID: order.id, calls: calls)
  }

  private func report(
    _ market: TestMarket, _ records: [SettlementV1.UsageRecord], as caller: TestCaller? = nil,
    under id: RequestID? = nil
  ) async throws -> SettlementV1.ReportUsageResponse {
    let channel = try market.service.channel(as: caller ?? market.provider)
    let request = SettlementV1.ReportUsageRequest(
      requestID: id ?? market.requestID(), records: records)
    let answer: Result<SettlementV1.ReportUsageResponse, any Error>
    do {
      answer = .success(try await UsageServiceClient(channel).reportUsage(request))
    } catch {
      answer = .failure(error)
    }
    await channel.close()
    return try answer.get()
  }

  private func usage(
    _ market: TestMarket, of order: SettlementV1.Order
  ) async throws -> SettlementV1.GetUsageResponse {
    let channel = try market.service.channel(as: market.consumer)
    let answer = try await UsageServiceClient(channel).getUsage(
      SettlementV1.GetUsageRequest(orderID: order.id))
    await channel.close()
    return answer
  }

  @Test func whatWasUsedIsPaidAtTheEndOfThePeriodAndTheRestReturns() async throws {
    let market = try await market()
    let account = try await market.deposit(3_000_000)
    let placed = try await market.place()
    let funded = try await market.fund(placed, from: account)
    #expect(funded.state == .escrowed && funded.blockedBy == "USAGE_PERIOD_OPEN")
    #expect(try await market.balance(account) == 800_000)
    let escrow = try await market.exchangeAccount(.escrow).id
    #expect(try await market.balance(escrow) == 0)
    #expect(try await market.findings().isEmpty)
    let order = try await market.grant(funded).order
    let served = try await market.confirm(order, try market.receipt(market.statement(of: order)))
    #expect(served.state == .delivering)
    let first = try await report(
      market, [record(1, order, calls: 60), record(2, order, calls: 41)])
    #expect(first.outcomes == [.counted, .counted] && first.nextSequence == 3)
    // Within the time for reports.
    market.time.advance(seconds: 25 * Self.hour)
    #expect(try await report(market, [record(3, order, calls: 1_999)]).outcomes == [.counted])
    let meter = try await usage(market, of: order)
    #expect(meter.units == 2_100 && meter.price.minorUnits == 1_000 && meter.tax.minorUnits == 100)
    market.time.advance(seconds: 24 * Self.hour)
    let settled = try await market.get(order)
    #expect(settled.state == .settled)
    #expect(settled.payouts.map(\.amount.minorUnits) == [800, 150, 50, 100])
    #expect(try await market.balance(account) == 2_998_900)
    #expect(try await market.balance(escrow) == 0)
    #expect(try await report(market, [record(4, order, calls: 1)]).outcomes == [.periodClosed])
    #expect(try await market.findings().isEmpty)
    let story = try await market.story(of: "order/\(order.id)")
    #expect(story.contains("order.held") && story.last == "order.settled")
    await market.shutdown()
  }

  @Test func usageIsNeverChargedAboveTheCap() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await opened(market, from: account)
    _ = try await report(market, [record(1, order, calls: 1_000_000_000_000)])
    market.time.advance(seconds: 48 * Self.hour)
    let settled = try await market.get(order)
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000, 200_000])
    #expect(try await market.balance(account) == 0)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func nothingUsedCostsNothing() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await market.fund(try await market.place(), from: account)
    market.time.advance(seconds: 48 * Self.hour)
    let settled = try await market.get(order)
    #expect(settled.state == .settled && settled.payouts.isEmpty)
    #expect(try await market.balance(account) == 2_200_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func recordsCountOnceAndComeWithoutGaps() async throws {
    let market = try await market()
    let order = try await opened(market, from: try await market.deposit(2_200_000))
    let id = market.requestID()
    let batch = [record(1, order, calls: 100), record(2, order, calls: 10)]
    #expect(try await report(market, batch, under: id).replayed == false)
    #expect(try await report(market, batch, under: id).replayed)
    let again = try await report(market, batch + [record(3, order, calls: 5)])
    #expect(again.outcomes == [.repeated, .repeated, .counted] && again.nextSequence == 4)
    #expect(try await usage(market, of: order).calls == 115)
    await expectRefusal("USAGE_SEQUENCE_GAP") {
      try await report(market, [record(4, order, calls: 1), record(6, order, calls: 1)])
    }
    await expectRefusal("USAGE_SEQUENCE_REUSED") {
      try await report(market, [record(3, order, calls: 6)])
    }
    #expect(try await usage(market, of: order).calls == 115)
    let stranger = try market.authority.caller([.provider])
    let theirs = try await report(market, [record(1, order, calls: 9)], as: stranger)
    #expect(theirs.outcomes == [.noSuchOrder] && theirs.nextSequence == 2)
    #expect(try await usage(market, of: order).calls == 115)
    await market.shutdown()
  }

  @Test func terminationClosesThePeriodAndChargesWhatWasUsed() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await opened(market, from: account)
    _ = try await report(market, [record(1, order, calls: 1_100)])
    _ = try await market.orders.terminateAgreement(
      SettlementV1.TerminateAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "enough"))
    await expectRefusal("AGREEMENT_NOT_ACTIVE") { try await market.grant(order) }
    #expect(try await report(market, [record(2, order, calls: 1_000)]).outcomes == [.counted])
    market.time.advance(seconds: 24 * Self.hour)
    let settled = try await market.get(order)
    #expect(settled.state == .settled)
    #expect(settled.payouts.map(\.amount.minorUnits) == [800, 150, 50, 100])
    #expect(try await market.balance(account) == 2_198_900)
    await market.shutdown()
  }

  @Test func refundGivesTheHoldBackAndOfficersCannotTouchIt() async throws {
    let market = try await market()
    let account = try await market.deposit(2_200_000)
    let order = try await opened(market, from: account)
    let stored = try await market.service.database.read { try OrderTable($0).find(order.id) }
    let hold = try #require(stored?.funding?.transferID)
    await expectRefusal("ESCROW_RESERVED", .permissionDenied) {
      try await market.staff.submitTransfers(
        SettlementV1.SubmitTransfersRequest(transfers: [
          SettlementV1.Transfer(id: .make(at: market.time.now), kind: .release, holdID: hold)
        ]))
    }
    _ = try await market.deliveries.cancelOrder(
      SettlementV1.CancelOrderRequest(
        requestID: market.requestID(), orderID: order.id, reason: "no data"))
    #expect(try await market.balance(account) == 2_200_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func meterThatCannotBePricedIsNotSold() async throws {
    let market = try await market()
    var facts = market.facts()
    facts.offer.terms.price.model = .usage
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 1)
    facts.offer.terms.price.usageUnit = .call
    market.directory.set(facts)
    await expectRefusal("OFFER_NOT_PAYABLE") { try await market.place() }
    await market.shutdown()
  }
}
