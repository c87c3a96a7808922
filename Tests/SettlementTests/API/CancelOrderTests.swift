import TestSupport
import SettlementDomain
import ServiceRuntime
import Model
import RPC
import Stubs
import Testing

struct CancelOrderTests {
  private func request(
    _ market: TestMarket, _ order: SettlementV1.Order
  ) -> SettlementV1.CancelOrderRequest {
    SettlementV1.CancelOrderRequest(
      requestID: market.requestID(), orderID: order.id, reason: "không còn cần")
  }

  @Test func consumerCallsOffWhatIsNotPaid() async throws {
    let market = try await TestMarket()
    let placed = try await market.place()
    let order = try await market.orders.cancelOrder(request(market, placed)).order
    #expect(order.state == .cancelled && order.refusalReason == "không còn cần")
    await expectRefusal("ORDER_STATE_CONFLICT") {
      try await market.orders.cancelOrder(request(market, placed))
    }
    await market.shutdown()
  }

  @Test func providerGivesEverythingBack() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let delivering = try await market.delivering(from: account)
    await expectRefusal("ORDER_STATE_CONFLICT") {
      try await market.orders.cancelOrder(request(market, delivering))
    }
    let order = try await market.deliveries.cancelOrder(request(market, delivering)).order
    #expect(order.state == .refunded && order.agreement?.state == .terminated)
    #expect(try await market.balance(account) == 2_000_000)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 0)
    await expectRefusal("ORDER_STATE_CONFLICT") { try await market.grant(order) }
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }
}
