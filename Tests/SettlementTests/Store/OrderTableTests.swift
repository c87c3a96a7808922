import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Testing

struct OrderTableTests {
  @Test(arguments: [2_000_000, nil] as [Int64?])
  func orderIsFoundAsItWasPlaced(price: Int64?) async throws {
    let ledger = try TestLedger()
    let order = TradeSamples.order(price: price)
    try await ledger.database.write { try OrderTable($0).insert(order) }
    let found = try await ledger.database.read { try OrderTable($0).find(order.id) }
    #expect(found == order)
  }

  @Test func dueOrdersComeLongestOverdueFirst() async throws {
    let ledger = try TestLedger()
    let order = TradeSamples.order()
    try await ledger.database.write { try OrderTable($0).insert(order) }
    let due = try #require(order.dueTime)
    let (before, at, next) = try await ledger.database.read { db in
      let table = OrderTable(db)
      return (
        try table.due(at: due.adding(microseconds: -1)),
        try table.due(at: due), try table.nextDueTime(after: TradeSamples.now)
      )
    }
    #expect(before.isEmpty)
    #expect(at == [order.id])
    #expect(next == due)
  }

  @Test(arguments: [
    "UPDATE orders SET state = 3", "UPDATE orders SET due_time = NULL", "DELETE FROM orders",
    "UPDATE orders SET price = 0", "UPDATE orders SET consumer_id = provider_id",
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let ledger = try TestLedger()
    try await ledger.database.write { try OrderTable($0).insert(TradeSamples.order()) }
    await #expect(throws: DatabaseError.self) {
      try await ledger.database.write { try $0.execute(sql: sql) }
    }
  }

  @Test func listsAreOfPartiesAndGoOnAfterANumber() async throws {
    let ledger = try TestLedger()
    try await ledger.database.write { try OrderTable($0).insert(TradeSamples.order()) }
    func count(_ party: ParticipantID?, _ state: OrderState?, after: Int64 = 0) async throws -> Int
    {
      try await ledger.database.read {
        try OrderTable($0).list(
          OrderTable.Filter(party: party, state: state), after: after, limit: 10
        ).count
      }
    }
    #expect(try await count(TradeSamples.consumerID, nil) == 1)
    #expect(try await count(TradeSamples.providerID, .awaitingFunds) == 1)
    #expect(try await count(nil, .settled) == 0)
    #expect(try await count(ParticipantID(high: 9, low: 9), nil) == 0)
    #expect(try await count(nil, nil, after: 1) == 0)
  }
}
