import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// What providers give back of what was paid out.
struct RefundTests {
  private func settled(
    _ market: TestMarket, from account: AccountID
  ) async throws -> SettlementV1.Order {
    try await market.accept(try await market.delivered(from: account))
  }

  private func refund(
    _ order: SettlementV1.Order, _ amount: Int64, _ market: TestMarket,
    requestID: RequestID? = nil
  ) async throws -> SettlementV1.RefundOrderResponse {
    try await market.deliveries.refundOrder(
      SettlementV1.RefundOrderRequest(
        requestID: requestID ?? market.requestID(), orderID: order.id, amountMinorUnits: amount,
        reason: "goodwill"))
  }

  @Test func taxedOrderIsRefundedInPartsUntilNothingIsLeft() async throws {
    let market = try await TestMarket(price: 1_000_001, taxRate: 1_000)
    let account = try await market.deposit(1_100_001)
    let order = try await settled(market, from: account)
    #expect(order.payouts.map(\.amount.minorUnits) == [800_001, 150_000, 50_000, 100_000])
    let request = market.requestID()
    let first = try await refund(order, 7, market, requestID: request).order
    #expect(try await refund(order, 7, market, requestID: request).replayed)
    // 7 × 800001/1100001 is 5.09, … 0.95, 0.32, 0.64: the two largest remainders round up.
    #expect(first.payouts.map { $0.refunded?.minorUnits ?? 0 } == [5, 1, 0, 1])
    #expect(first.state == .partiallyRefunded && first.refunded?.minorUnits == 7)
    #expect(first.agreement?.state == .active)
    _ = try await market.grant(first)
    #expect(try await market.balance(account) == 7)
    let second = try await refund(order, 500_000, market).order
    #expect(second.refunded?.minorUnits == 500_007)
    await expectRefusal("REFUND_EXCEEDS_REST") { try await refund(order, 599_995, market) }
    let last = try await refund(order, 0, market).order
    #expect(last.state == .refunded && last.refunded == order.total)
    #expect(last.agreement?.state == .terminated && last.refusalReason == "goodwill")
    #expect(last.payouts.map(\.refunded) == order.payouts.map(\.amount))
    #expect(try await market.balance(account) == 1_100_001)
    #expect(try await market.balance(try await market.exchangeAccount(.tax).id) == 0)
    await expectRefusal("ORDER_STATE_CONFLICT") { try await refund(order, 1, market) }
    #expect(try await market.findings().isEmpty)
    #expect(
      try await market.story(of: "order/\(order.id)").suffix(9) == [
        "credit_note.issued", "order.partially_refunded", "grant.issued", "credit_note.issued",
        "order.partially_refunded", "order.refund_order REFUND_EXCEEDS_REST",
        "credit_note.issued", "order.refunded",
        "order.refund_order ORDER_STATE_CONFLICT",
      ])
    await market.shutdown()
  }

  @Test func whatAnAccountNoLongerHoldsIsNotTakenFromTheOthers() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await settled(market, from: account)
    let paid = try #require(order.payouts.first)
    _ = try await market.staff.submitTransfers(
      SettlementV1.SubmitTransfersRequest(transfers: [
        SettlementV1.Transfer(
          id: .make(at: market.time.now), kind: .post, debitAccountID: paid.accountID,
          creditAccountID: try await market.exchangeAccount(.external).id, amount: 1_500_000,
          currencyCode: "VND")
      ]))
    await expectRefusal("INSUFFICIENT_FUNDS") { try await refund(order, 0, market) }
    #expect(try await market.balance(account) == 0)
    #expect(try await market.get(order) == order)
    let part = try await refund(order, 100_000, market).order
    #expect(part.payouts.map { $0.refunded?.minorUnits } == [80_000, 15_000, 5_000])
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func onlyTheProviderGivesBackAndOnlyWhatWasPaidOut() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivered(from: account)
    await expectRefusal("ORDER_STATE_CONFLICT") { try await refund(order, 1, market) }
    let channel = try market.service.channel(roles: [.provider])
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await OrderServiceClient(channel).refundOrder(
        SettlementV1.RefundOrderRequest(
          requestID: market.requestID(), orderID: order.id, reason: "theirs"))
    }
    await expectRefusal("ROLE_REQUIRED", .permissionDenied) {
      try await market.orders.refundOrder(
        SettlementV1.RefundOrderRequest(
          requestID: market.requestID(), orderID: order.id, reason: "mine"))
    }
    // Accepted by silence: it is paid out before it is given back.
    market.time.advance(seconds: 300)
    #expect(try await refund(order, 0, market).order.state == .refunded)
    #expect(try await market.balance(account) == 2_000_000)
    // The database refuses what the rules would.
    for sql in [
      "UPDATE payout_refund SET amount = 1", "DELETE FROM payout_refund",
      "INSERT INTO payout_refund SELECT order_number, position, 1, 1, 1 FROM payout_refund LIMIT 1",
      "UPDATE orders SET state = 6",
    ] {
      await #expect(throws: DatabaseError.self) {
        try await market.service.database.write { try $0.execute(sql: sql) }
      }
    }
    await channel.close()
    await market.shutdown()
  }

  /// At the end of the window an acceptance, a refund, a reader and the timekeeper come at once, on either side of it.
  @Test func acceptanceAndItsDeadlinePayOutOnce() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(12_000_000)
    let deadlines = try #require(
      market.service.parts.services.lazy.compactMap { $0 as? Timekeeper }.first
    ).deadlines
    for round in 0..<6 {
      let order = try await market.delivered(from: account)
      market.time.advance(seconds: round.isMultiple(of: 2) ? 300 : 299)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 1...3 {
          group.addTask { _ = try? await market.accept(order) }
          group.addTask { _ = try await deadlines.enforceDue() }
          group.addTask { _ = try await market.get(order) }
        }
        try await group.waitForAll()
      }
      let ended = try await market.get(order)
      #expect(ended.state == .settled && ended.payouts.count == 3)
      let story = try await market.story(of: "order/\(order.id)")
      #expect(story.count { $0 == "order.settled" } == 1)
      #expect(
        story.contains("order.accepted") != round.isMultiple(of: 2), "by whom: round \(round)")
    }
    #expect(try await market.balance(account) == 0)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 0)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }
}

struct RefundRuleTests {
  /// Any sequence of refunds takes back exactly what was paid, and from nobody more than they got.
  @Test(arguments: [1, 2, 3] as [UInt64]) func refundsSumExactlyAndNoShareGoesBackwards(
    seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    for _ in 1...100 {
      let amounts = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Int64.random(in: 1...1_000, using: &random)
      }
      var order = TradeSamples.settled(amounts)
      var left = amounts.reduce(0, +)
      while left > 0 {
        let amount = Int64.random(in: 1...left, using: &random)
        let before = order.payouts.map(\.rest)
        let parts = try order.divideRefund(of: amount, at: TradeSamples.now)
        order.refund(parts, because: "goodwill", at: TradeSamples.now)
        left -= amount
        #expect(parts.reduce(0, +) == amount, "seed \(seed)")
        #expect(zip(parts, before).allSatisfy { $0 >= 0 && $0 <= $1 }, "seed \(seed)")
        #expect(order.payouts.map(\.rest).reduce(0, +) == left)
        #expect((order.state == .refunded) == (left == 0))
      }
      #expect(throws: SettlementError.self) {
        try order.divideRefund(of: 1, at: TradeSamples.now)
      }
    }
  }
}

extension TradeSamples {
  /// An order that was paid out in these parts.
  fileprivate static func settled(_ amounts: [Int64]) -> Order {
    let template = order()
    return Order(
      id: template.id, terms: template.terms, state: .settled, dueTime: nil,
      payouts: amounts.enumerated().map { index, amount in
        Payout(
          beneficiary: .provider, accountID: AccountID(high: 8, low: UInt64(index)),
          amount: Money(currency: .vnd, minorUnits: amount),
          transferID: TransferID(high: 8, low: UInt64(index)))
      }, createTime: now, updateTime: now)
  }
}
