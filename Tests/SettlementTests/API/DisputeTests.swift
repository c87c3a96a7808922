import Model
import RPC
import Stubs
import TestSupport
import Testing

struct DisputeTests {
  private func raise(
    _ order: SettlementV1.Order, _ market: TestMarket
  ) async throws -> SettlementV1.Order {
    try await market.orders.raiseDispute(
      SettlementV1.RaiseDisputeRequest(
        requestID: market.requestID(), orderID: order.id, reason: .incomplete,
        text: "Thiếu tệp", evidenceSHA256: [TradeSamples.digest(1), TradeSamples.digest(2)])
    ).order
  }

  private func respond(
    _ order: SettlementV1.Order, _ market: TestMarket, as client: OrderServiceClient
  ) async throws -> SettlementV1.Order {
    try await client.respondDispute(
      SettlementV1.RespondDisputeRequest(
        requestID: market.requestID(), orderID: order.id, text: "Đủ cả",
        evidenceSHA256: [TradeSamples.digest(3)])
    ).order
  }

  private func resolve(
    _ order: SettlementV1.Order, _ outcome: SettlementV1.DisputeOutcome, _ refund: Int64,
    _ market: TestMarket, as client: OrderServiceClient
  ) async throws -> SettlementV1.Order {
    try await client.resolveDispute(
      SettlementV1.ResolveDisputeRequest(
        requestID: market.requestID(), orderID: order.id, outcome: outcome,
        refundMinorUnits: refund, explanation: "Một phần")
    ).order
  }

  @Test(
    arguments: [
      (.fullRefund, 0, .refunded, 2_000_000, []),
      (.partialRefund, 500_000, .partiallyRefunded, 500_000, [1_200_000, 225_000, 75_000]),
      (.noRefund, 0, .settled, 0, [1_600_000, 300_000, 100_000]),
    ]
      as [(SettlementV1.DisputeOutcome, Int64, SettlementV1.OrderState, Int64, [Int64])])
  func arbiterDividesTheMoney(
    outcome: SettlementV1.DisputeOutcome, refund: Int64, state: SettlementV1.OrderState,
    back: Int64, paid: [Int64]
  ) async throws {
    let market = try await TestMarket()
    let channel = try market.service.channel(roles: [.arbiter])
    let arbiter = OrderServiceClient(channel)
    let account = try await market.deposit(2_000_000)
    let delivered = try await market.delivered(from: account)
    let disputed = try await raise(delivered, market)
    #expect(disputed.state == .disputed && disputed.nextActor == .provider)
    #expect(disputed.dispute?.objection?.evidenceSHA256.count == 2)
    let answered = try await respond(disputed, market, as: market.deliveries)
    #expect(answered.nextActor == .consumer && answered.blockedBy == "REPLY_POSSIBLE")
    await expectRefusal("DISPUTE_NOT_YOUR_TURN") {
      try await resolve(answered, outcome, refund, market, as: arbiter)
    }
    let replied = try await respond(answered, market, as: market.orders)
    #expect(replied.nextActor == .arbiter)
    let decided = try await resolve(replied, outcome, refund, market, as: arbiter)
    #expect(decided.state == state && decided.dispute?.outcome == outcome)
    #expect(decided.dispute?.explanation == "Một phần")
    #expect(decided.refunded?.minorUnits ?? 0 == back)
    #expect(decided.payouts.map(\.amount.minorUnits) == paid)
    #expect(try await market.get(decided) == decided)
    #expect(try await market.balance(account) == back)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 0)
    #expect(try await market.findings().isEmpty)
    #expect(
      try await market.story(of: "order/\(decided.id)").suffix(2).contains("dispute.resolved"))
    await channel.close()
    await market.shutdown()
  }

  @Test func silenceHasADefinedOutcome() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(4_000_000)
    let unanswered = try await raise(try await market.delivered(from: account), market)
    let undecided = try await respond(
      try await raise(try await market.delivered(from: account), market), market,
      as: market.deliveries)
    market.time.advance(seconds: 400)
    let refunded = try await market.get(unanswered)
    #expect(refunded.state == .refunded && refunded.dispute?.outcome == .unanswered)
    #expect(refunded.refusalReason == "ANSWER_OVERDUE")
    market.time.advance(seconds: 100)
    #expect(try await market.get(undecided).nextActor == .arbiter)
    market.time.advance(seconds: 600)
    let settled = try await market.get(undecided)
    #expect(settled.state == .settled && settled.dispute?.outcome == .undecided)
    #expect(try await market.balance(account) == 2_000_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func sidesMayEndADisputeThemselves() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(4_000_000)
    let conceded = try await raise(try await market.delivered(from: account), market)
    let withdrawn = try await raise(try await market.delivered(from: account), market)
    let refunded = try await market.deliveries.cancelOrder(
      SettlementV1.CancelOrderRequest(
        requestID: market.requestID(), orderID: conceded.id, reason: "Xin lỗi")
    ).order
    #expect(refunded.state == .refunded && refunded.dispute?.outcome == .conceded)
    let settled = try await market.accept(withdrawn)
    #expect(settled.state == .settled && settled.dispute?.outcome == .withdrawn)
    #expect(try await market.balance(account) == 2_000_000)
    await market.shutdown()
  }

  @Test func objectionsComeInTimeAndFromTheConsumerAlone() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivered(from: account)
    await expectRefusal("DISPUTE_NOT_YOUR_TURN") {
      let disputed = try await raise(order, market)
      return try await respond(disputed, market, as: market.orders)
    }
    let late = try await market.get(order)
    await expectRefusal("ORDER_STATE_CONFLICT") { try await raise(late, market) }
    await market.shutdown()
  }

  @Test func acceptanceAndObjectionAtOnceLeaveOneOfThem() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(20_000_000)
    var disputed: Int64 = 0
    for _ in 0..<10 {
      let order = try await market.delivered(from: account)
      async let accepting = (try? market.accept(order)) != nil
      async let raising = (try? raise(order, market)) != nil
      _ = await (accepting, raising)
      let after = try await market.get(order)
      // An objection that comes first is withdrawn by the acceptance; the acceptance always counts.
      #expect(after.state == .settled)
      if after.dispute != nil {
        disputed += 1
        #expect(after.dispute?.outcome == .withdrawn)
      }
    }
    #expect(disputed <= 10)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 0)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }
}
