import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// What reaches the caller of VerifyLedger, and what happens when the caller leaves.
struct VerifyLedgerTests {
  @Test func checkTellsHowFarItHasComeAndWhenItIsComplete() async throws {
    let market = try await TestMarket()
    try await Self.fill(market, 45_000)
    var checked: [Int64] = []
    var completed: [Bool] = []
    for try await step in market.staff.verifyLedger(.init()) {
      checked.append(step.transfersChecked)
      completed.append(step.complete)
    }
    #expect(checked == [20_000, 40_000, 45_000, 45_000])
    #expect(completed == [false, false, false, true])
    await market.shutdown()
  }

  @Test func checkEndsWhenItsCallerHasLeft() async throws {
    let market = try await TestMarket()
    // Fifteen steps: the caller leaves after the first.
    try await Self.fill(market, 300_000)
    let clock = ContinuousClock()
    let start = clock.now
    for try await step in market.staff.verifyLedger(.init()) {
      #expect(!step.complete)
      break
    }
    let firstStep = clock.now - start
    // A checkpoint that resets the log waits for whoever still reads what is in it.
    try await market.service.database.write { db in
      try db.execute(sql: "UPDATE account SET state = 2 WHERE kind = 3")
    }
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    let queue = try DatabaseQueue(
      path: market.service.database.path, configuration: configuration)
    _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    #expect(clock.now - start < firstStep * 8, "the first step took \(firstStep)")
    try queue.close()
    await market.shutdown()
  }

  /// Transfers that no call made: from and to two accounts of the exchange.
  private static func fill(_ market: TestMarket, _ count: Int64) async throws {
    try await market.service.database.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE n(number) AS (
            SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < ?1)
          INSERT INTO transfer (number, id, kind, debit, credit, amount, timeout_seconds, linked,
            create_time, debit_previous, credit_previous)
          SELECT n.number, CAST(printf('%016d', n.number) AS BLOB), 1, d.number, c.number, 1, 0, 0, 1,
            n.number - 1, n.number - 1
          FROM n, (SELECT number FROM account WHERE kind = 6 AND environment = 1) AS d,
            (SELECT number FROM account WHERE kind = 3 AND environment = 1) AS c
          """,
        arguments: [count])
    }
  }
}
