import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// What exceeds a limit is paid out only once witnesses have seen its payment.
struct WitnessedPayoutTests {
  private func withMarket(
    limit: Int64, _ body: (TestMarket, WitnessedLogStandIn) async throws -> Void
  ) async throws {
    let authority = try TestAuthority(lifetimeSeconds: 86_400)
    let log = try await WitnessedLogStandIn(authority, limit: limit)
    let market = try await TestMarket(authority: authority, settings: log.settings)
    try await body(market, log)
    await market.shutdown()
    await log.shutdown()
  }

  /// Accepts with less time than the refusal asks to wait, so that it is not tried again.
  private func accept(
    _ order: SettlementV1.Order, _ market: TestMarket
  ) async throws -> SettlementV1.AcceptDeliveryResponse {
    try await market.orders.acceptDelivery(
      SettlementV1.AcceptDeliveryRequest(requestID: market.requestID(), orderID: order.id),
      CallOptions(timeout: .seconds(4)))
  }

  private func expectRefusal(
    _ reason: String, _ body: () async throws -> some Sendable
  ) async {
    do {
      _ = try await body()
      Issue.record("it was paid out")
    } catch {
      let status = error as? RPCStatus
      #expect(status?.code == .unavailable && status?.details?.reason == reason)
      #expect(status?.details?.retryAfterMilliseconds != nil)
    }
  }

  @Test func aLargePaymentIsPaidOutOnceAQuorumHasSeenIt() async throws {
    try await withMarket(limit: 1_999_999) { market, log in
      let order = try await market.delivered(from: try await market.deposit(5_000_000))
      await expectRefusal("PAYOUT_NOT_WITNESSED") { try await accept(order, market) }
      try await log.take(paymentOf: order.id, market.service.database)
      await expectRefusal("PAYOUT_NOT_WITNESSED") { try await accept(order, market) }
      log.cosign(by: [log.witnesses[2]])
      await expectRefusal("PAYOUT_NOT_WITNESSED") { try await accept(order, market) }
      let waiting = try await market.get(order)
      #expect(waiting.state == .delivered)
      log.cosign(by: [log.witnesses[1]])
      let settled = try await market.accept(order)
      #expect(settled.state == .settled)
      #expect(settled.payouts.map(\.amount.minorUnits).reduce(0, +) == 2_000_000)
      let findings = try await market.findings()
      #expect(findings.isEmpty)
    }
  }

  @Test func whatDoesNotExceedTheLimitWaitsForNobody() async throws {
    try await withMarket(limit: 2_000_000) { market, log in
      await log.shutdown()
      let order = try await market.delivered(from: try await market.deposit(5_000_000))
      let settled = try await market.accept(order)
      #expect(settled.state == .settled)
    }
  }

  @Test func aLogThatLiesIsNotBelieved() async throws {
    try await withMarket(limit: 0) { market, log in
      let order = try await market.delivered(from: try await market.deposit(5_000_000))
      try await log.take(paymentOf: order.id, market.service.database)
      log.cosign(by: [log.witnesses[0]])
      log.alterEntry()
      await expectRefusal("PAYOUT_NOT_WITNESSED") { try await accept(order, market) }
      try await log.take(paymentOf: order.id, market.service.database)
      try log.changeKey()
      await expectRefusal("PAYOUT_NOT_WITNESSED") { try await accept(order, market) }
      await log.shutdown()
      await expectRefusal("DEPENDENCY_UNAVAILABLE") { try await accept(order, market) }
      let stored = try await market.get(order)
      #expect(stored.state == .delivered)
    }
  }

  /// The acceptance window ends in silence: the money waits with it, and goes when the witnesses have come.
  @Test func automaticSettlementWaitsToo() async throws {
    try await withMarket(limit: 0) { market, log in
      let order = try await market.delivered(from: try await market.deposit(5_000_000))
      try await log.take(paymentOf: order.id, market.service.database)
      market.time.advance(seconds: 300)
      let waiting = try await market.get(order)
      let escrow = try await market.balance(try await market.exchangeAccount(.escrow).id)
      #expect(waiting.payouts.isEmpty && escrow == 2_000_000)
      log.cosign(by: [log.witnesses[0], log.witnesses[1]])
      let settled = try await market.get(order)
      #expect(settled.state == .settled && !settled.payouts.isEmpty)
    }
  }

  @Test(arguments: ["", "VND", "VND=", "VND=-1", "VND=1,VND=2", "XYZ=1", "VND=1,", "VND=1=2"])
  func malformedLimitsAreRefused(text: String) {
    #expect(PayoutLimits(text) == nil)
  }

  @Test func limitsWithoutAPolicyStopTheStart() async throws {
    await #expect(throws: StartupError.self) {
      try await TestMarket(settings: ["witnessed-payouts": "VND=1"])
    }
  }
}
