import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport
import Testing

/// A database of the first version, with accounts, transfers and an order, becomes one of today's.
struct LedgerMigrationTests {
  private static let earlier = """
    INSERT INTO account (number, id, owner_id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, debits_posted, credits_posted, debits_pending, credits_pending, create_time)
    VALUES (1, x'00000000000000010000000000000001', NULL, 'VND', 1, 6, 1, 0, 1000, 0, 0, 40, 5),
      (2, x'00000000000000010000000000000002', zeroblob(16), 'VND', 1, 1, 0, 0, 100, 1000, 40, 0, 5),
      (3, x'00000000000000010000000000000003', NULL, 'VND', 1, 2, 0, 0, 0, 100, 0, 0, 5),
      (4, x'00000000000000010000000000000004', NULL, 'USD', 2, 6, 1, 0, 0, 0, 0, 0, 5);
    INSERT INTO transfer (number, id, kind, debit, credit, amount, currency, environment,
      timeout_seconds, linked, create_time)
    VALUES (1, x'00000000000000020000000000000001', 1, 1, 2, 1000, 'VND', 1, 0, 0, 10),
      (2, x'00000000000000020000000000000002', 1, 2, 3, 100, 'VND', 1, 0, 0, 11),
      (3, x'00000000000000020000000000000003', 2, 2, 1, 40, 'VND', 1, 60, 0, 12);
    INSERT INTO hold (transfer, expire_time) VALUES (3, 1000000000000000000);
    """

  @Test func accountsAndTransfersMoveIntoBooks() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/settlement.sqlite"
    let old = try ServiceDatabase(
      at: path, service: "settlement", migrations: Array(SettlementSchema.migrations.prefix(4)))
    try await old.write { try $0.execute(sql: Self.earlier) }
    await old.close()
    let database = try ServiceDatabase(
      at: path, service: "settlement", migrations: SettlementSchema.migrations)
    let owner = AccountID(high: 1, low: 2)
    let (listed, account, findings, links) = try await database.read { db in
      var check = LedgerCheck(db)
      try check.run()
      return (
        try TransferChain(db).list(account: owner, from: nil, until: nil, after: 0, limit: 10),
        try AccountTable(db).find(owner)?.account, check.verifier.findings,
        try Int.fetchAll(db, sql: "SELECT debit_previous FROM transfer ORDER BY number")
      )
    }
    #expect(listed.map(\.transfer.id.low) == [1, 2, 3])
    #expect(account?.available == 860)
    #expect(account?.lastTransfer == 3)
    #expect(account?.transferCount == 3)
    #expect(links == [0, 1, 2])
    // It had no journal then.
    #expect(Set(findings.map(\.text)) == ["has no link in the journal"])
    await database.close()
  }
}
