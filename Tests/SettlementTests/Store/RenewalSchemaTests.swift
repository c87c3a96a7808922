import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

struct RenewalSchemaTests {
  @Test(arguments: [
    // A period that was not paid; one that is paid twice, or out of turn, or by the same transfer.
    "UPDATE renewal SET period = 3, period_start = 300, period_end = 400",
    "UPDATE renewal SET period = 2, period_start = 200, period_end = 400",
    payment(2, transfer: 2), payment(4, transfer: 2), payment(3, transfer: 1),
    payment(2, transfer: 2, "INSERT OR REPLACE"),
    payment(3, transfer: 1, "INSERT OR REPLACE"),
    "UPDATE renewal_payment SET tax = 1", "DELETE FROM renewal_payment",
    "DELETE FROM renewal", "UPDATE renewal SET last_period = 0",
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let ledger = try await Self.subscribed()
    try await ledger.database.write { db in
      try db.execute(sql: Self.payment(2, transfer: 1))
    }
    await #expect(throws: DatabaseError.self) {
      try await ledger.database.write { try $0.execute(sql: sql) }
    }
  }

  @Test func renewalThatIsOverStaysSo() async throws {
    let ledger = try await Self.subscribed()
    try await ledger.database.write { db in
      try db.execute(sql: "UPDATE renewal SET last_period = 1")
      try db.execute(sql: "UPDATE renewal SET next_time = NULL")
    }
    for sql in ["UPDATE renewal SET next_time = 1", "UPDATE renewal SET last_period = 2"] {
      await #expect(throws: DatabaseError.self) {
        try await ledger.database.write { try $0.execute(sql: sql) }
      }
    }
  }

  /// A ledger with two transfers, and an order of which the first period is paid.
  private static func subscribed() async throws -> TestLedger {
    let ledger = try TestLedger()
    let accounts = (try await ledger.open(1, external: true), try await ledger.open(2))
    let transfers = (UInt64(1)...2).map { number in
      SettlementV1.Transfer(
        id: TransferID(high: 9, low: number), kind: .post, debitAccountID: accounts.0,
        creditAccountID: accounts.1, amount: 100, currencyCode: "VND")
    }
    try await ledger.submit(transfers)
    try await ledger.database.write { db in
      try OrderTable(db).insert(TradeSamples.order())
      try db.execute(sql: earlier)
    }
    return ledger
  }

  private static let earlier = """
    INSERT INTO renewal (order_number, start_time, period, period_start, period_end, next_time,
      refusal) VALUES (1, 100, 1, 100, 200, 190, '')
    """

  private static func payment(
    _ period: Int, transfer: Int, _ verb: String = "INSERT"
  ) -> String {
    """
    \(verb) INTO renewal_payment (order_number, period, period_start, period_end, transfer, tax_rate,
      tax, create_time) VALUES (1, \(period), 200, 300, \(transfer), 0, 0, 195)
    """
  }
}
