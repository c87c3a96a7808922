import TestSupport
import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs
import Testing

@testable import SettlementAPI

struct DeadlineTests {
  /// For orders that have not been paid: the ledger in memory is the service's own.
  private func keeper(_ market: TestMarket) -> DeadlineKeeper {
    DeadlineKeeper(
      transactor: market.service.context.transactor, ledger: Ledger(market.service.database),
      deadlines: .standard, witness: nil, logger: Logger(label: "test"))
  }

  /// The order as stored, which reading through the service might have changed.
  private func stored(_ order: SettlementV1.Order, _ market: TestMarket) async throws -> Order? {
    try await market.service.database.read { try OrderTable($0).find(order.id) }
  }

  @Test func unpaidOrderExpires() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let placed = try await market.place()
    market.time.advance(seconds: 100)
    await expectRefusal("ORDER_STATE_CONFLICT") { try await market.fund(placed, from: account) }
    let order = try await market.get(placed)
    #expect(order.state == .expired && order.refusalReason == "FUNDING_OVERDUE")
    #expect(try await stored(placed, market)?.state == .expired)
    await market.shutdown()
  }

  @Test func undeliveredOrderIsRefunded() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivering(from: account)
    market.time.advance(seconds: 199)
    _ = try await market.orders.listOrders(SettlementV1.ListOrdersRequest())
    #expect(try await stored(order, market)?.state == .delivering)
    market.time.advance(seconds: 1)
    _ = try await market.orders.listOrders(SettlementV1.ListOrdersRequest())
    #expect(try await stored(order, market)?.state == .refunded)
    #expect(try await market.balance(account) == 2_000_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func deliveredOrderSettlesByItself() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivered(from: account)
    market.time.advance(seconds: 300)
    let settled = try await market.get(order)
    #expect(settled.state == .settled)
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000])
    await expectRefusal("ORDER_STATE_CONFLICT") { try await market.accept(order) }
    #expect(
      try await market.story(of: "order/\(order.id)").last
        == "order.accept_delivery ORDER_STATE_CONFLICT")
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func timekeeperWritesDownWhatIsDueWhenItStarts() async throws {
    let market = try await TestMarket()
    let placed = try await market.place()
    market.time.advance(seconds: 100)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let timekeeper = Timekeeper(
        deadlines: keeper(market),
        renewals: RenewalKeeper(
          transactor: market.service.context.transactor, ledger: Ledger(market.service.database),
          directory: TradeDirectory(market.service.context), schedule: RenewalSchedule(),
          witness: nil, logger: Logger(label: "test")),
        clearing: ClearingHandler(
          transactor: market.service.context.transactor, ledger: Ledger(market.service.database),
          settings: ClearingSettings(
            payInSeconds: 60, bank: BankAccount(name: "", bic: "", account: "")),
          witness: nil))
      group.addTask { try await timekeeper.run() }
      while try await stored(placed, market)?.state != .expired { await Task.yield() }
      group.cancelAll()
    }
    #expect(try await market.story(of: "order/\(placed.id)") == ["order.placed", "order.expired"])
    await market.shutdown()
  }

  @Test func listShowsWhatTheDeadlinesMade() async throws {
    let market = try await TestMarket()
    let placed = try await market.place()
    market.time.advance(seconds: 100)
    let waiting = try await market.orders.listOrders(
      SettlementV1.ListOrdersRequest(state: .awaitingFunds))
    let expired = try await market.orders.listOrders(
      SettlementV1.ListOrdersRequest(state: .expired))
    #expect(waiting.orders.isEmpty)
    #expect(expired.orders.map(\.id) == [placed.id])
    await market.shutdown()
  }
}
