import Model
import RPC
import Stubs
import TestSupport
import Testing

struct WatchOrdersTests {
  /// Reads until `count` changes have come.
  private func changes(
    _ client: OrderServiceClient, after cursor: Int64, count: Int
  ) async throws -> [SettlementV1.OrderChange] {
    var found: [SettlementV1.OrderChange] = []
    for try await step in client.watchOrders(SettlementV1.WatchOrdersRequest(afterCursor: cursor)) {
      found += step.changes
      if found.count >= count { break }
    }
    return found
  }

  @Test func streamTellsEveryChangeOnceAndGoesOnAfterItsCursor() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivered(from: account)
    let first = try await changes(market.orders, after: 0, count: 4)
    #expect(first.map(\.state) == [.awaitingFunds, .escrowed, .delivering, .delivered])
    #expect(first.map(\.cursor) == first.map(\.cursor).sorted())
    #expect(first.allSatisfy { $0.order.id == order.id && $0.order.state == .delivered })
    let resumed = try await changes(market.deliveries, after: first[1].cursor, count: 2)
    #expect(resumed.map(\.cursor) == first.suffix(2).map(\.cursor))
    await market.shutdown()
  }

  @Test func openStreamHearsOfAChangeAndOfItsOwnOrdersAlone() async throws {
    let market = try await TestMarket()
    let stranger = try market.authority.caller([.consumer, .provider])
    let channel = try market.service.channel(as: stranger)
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    async let heard: [SettlementV1.OrderChange] = {
      var found: [SettlementV1.OrderChange] = []
      for try await step in market.deliveries.watchOrders(
        SettlementV1.WatchOrdersRequest(fromNow: true))
      {
        start.finish()
        found += step.changes
        if !found.isEmpty { break }
      }
      return found
    }()
    for await _ in started {}
    let placed = try await market.place()
    let changes = try await heard
    #expect(changes.map(\.order.id) == [placed.id])
    // What a stranger hears is a heartbeat that is past the change.
    for try await step in OrderServiceClient(channel).watchOrders(
      SettlementV1.WatchOrdersRequest())
    {
      #expect(step.changes.isEmpty)
      if step.cursor >= changes[0].cursor { break }
    }
    await channel.close()
    await market.shutdown()
  }

  @Test func agreementIsSuspendedResumedAndTerminated() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivering(from: account)
    let channel = try market.service.channel(roles: [.securityOfficer])
    let officer = OrderServiceClient(channel)
    let suspended = try await officer.suspendAgreement(
      SettlementV1.SuspendAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "Điều tra")
    ).order
    #expect(suspended.agreement?.state == .suspended)
    await expectRefusal("AGREEMENT_NOT_ACTIVE") { try await market.grant(order) }
    await expectRefusal("AGREEMENT_SUSPENDED_BY_EXCHANGE", .permissionDenied) {
      try await market.deliveries.resumeAgreement(
        SettlementV1.ResumeAgreementRequest(
          requestID: market.requestID(), orderID: order.id, reason: "Xong"))
    }
    _ = try await officer.resumeAgreement(
      SettlementV1.ResumeAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "Xong"))
    _ = try await market.grant(order)
    await expectRefusal("ORDER_STATE_CONFLICT") {
      try await market.orders.terminateAgreement(
        SettlementV1.TerminateAgreementRequest(
          requestID: market.requestID(), orderID: order.id, reason: "Thôi"))
    }
    let ended = try await market.deliveries.terminateAgreement(
      SettlementV1.TerminateAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "Thôi")
    ).order
    #expect(ended.state == .refunded && ended.agreement?.state == .terminated)
    #expect(try await market.balance(account) == 2_000_000)
    let seen = try await changes(market.orders, after: 0, count: 7)
    #expect(
      seen.map(\.agreementState).suffix(4) == [.suspended, .active, .active, .terminated])
    await channel.close()
    await market.shutdown()
  }
}
