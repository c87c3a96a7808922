import TestSupport
import SettlementDomain
import ServiceRuntime
import Model
import RPC
import Stubs
import Testing

struct ConcurrencyTests {
  @Test func concurrentPaymentsNeverOverdraw() async throws {
    let market = try await TestMarket(price: 10_000)
    let account = try await market.deposit(10_000 * 37 + 9_999)
    let count = 200
    var orders: [SettlementV1.Order] = []
    for _ in 0..<count { orders.append(try await market.place()) }
    let results = await withTaskGroup(of: String.self) { group in
      for order in orders {
        group.addTask {
          do {
            _ = try await market.fund(order, from: account)
            return "OK"
          } catch let status as RPCStatus {
            return status.details?.reason ?? "\(status)"
          } catch {
            return "\(error)"
          }
        }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(results == ["OK": 37, "INSUFFICIENT_FUNDS": count - 37])
    #expect(try await market.balance(account) == 9_999)
    #expect(try await market.balance(try await market.exchangeAccount(.escrow).id) == 370_000)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func sameRequestSentAtOnceHappensOnce() async throws {
    let market = try await TestMarket(price: 10_000)
    let account = try await market.deposit(1_000_000)
    let order = try await market.place()
    let request = SettlementV1.FundOrderRequest(
      requestID: market.requestID(), orderID: order.id, accountID: account)
    let replayed = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 { group.addTask { try await market.orders.fundOrder(request).replayed } }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(replayed == 19)
    #expect(try await market.balance(account) == 990_000)
    await market.shutdown()
  }
}
