import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Testing

/// The database itself refuses what must never be, whoever writes to it.
struct LedgerSchemaTests {
  private func prepared() async throws -> TestLedger {
    let ledger = try TestLedger()
    let bank = try await ledger.open(1, external: true)
    let owner = try await ledger.open(2)
    _ = try await ledger.open(3, environment: .sandbox)
    try await ledger.submit([
      SettlementV1.Transfer(
        id: TransferID(high: 2, low: 1), kind: .post, debitAccountID: bank,
        creditAccountID: owner, amount: 100, currencyCode: "VND")
    ])
    return ledger
  }

  private static let insert = """
    INSERT INTO transfer (id, timeout_seconds, linked, create_time, debit_previous, credit_previous,
      kind, debit, credit, amount, hold) SELECT randomblob(16), 0, 0, 0, 0, 0,
    """

  @Test func wellFormedRowIsTaken() async throws {
    let ledger = try await prepared()
    try await ledger.database.write {
      try $0.execute(sql: "\(Self.insert) 1, (1 << 40) + 1, (1 << 40) + 2, 1, NULL")
    }
  }

  @Test(arguments: [
    "UPDATE transfer SET amount = 1", "DELETE FROM transfer",
    "UPDATE account SET currency = 'USD'", "DELETE FROM account",
    "UPDATE balance SET debits_posted = 101 WHERE may_owe = 0 AND credits_posted > 0",
    "UPDATE balance SET credits_pending = -1", "UPDATE balance SET may_owe = 1",
    "DELETE FROM balance", "INSERT INTO balance (account, may_owe) VALUES (9, 0)",
    // From the live book to the one of the sandbox, within neither, and to itself.
    "\(Self.insert) 1, (1 << 40) + 1, (2 << 40) + 1, 1, NULL",
    "\(Self.insert) 1, (1 << 40) + 2, (1 << 40) + 2, 1, NULL",
    """
    INSERT INTO account (number, book, id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, create_time) VALUES ((1 << 40) + 9, 1, randomblob(16), 'VND', 1, 2, 1, 0, 0)
    """,
    """
    INSERT INTO account (number, book, id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, create_time) VALUES ((1 << 40) + 9, 1, randomblob(16), 'VND', 2, 6, 1, 0, 0)
    """,
    """
    INSERT INTO account (number, book, id, currency, environment, kind, overdraft_allowed,
      net_debit_cap, create_time) VALUES ((2 << 40) + 9, 1, randomblob(16), 'VND', 1, 6, 1, 0, 0)
    """,
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let ledger = try await prepared()
    await #expect(throws: DatabaseError.self) {
      try await ledger.database.write { try $0.execute(sql: sql) }
    }
    #expect(try await ledger.findings().isEmpty)
  }

  /// The schema looks at no account for a transfer: the commit does, and the check of the whole ledger.
  @Test(arguments: ["1, 2", "(1 << 40) + 1, (1 << 40) + 9", "(1 << 40) + 9, (1 << 40) + 1"])
  func rowOfAccountsThatAreNotThereIsFound(accounts: String) async throws {
    let ledger = try await prepared()
    try await ledger.database.write {
      try $0.execute(sql: "\(Self.insert) 1, \(accounts), 1, NULL")
    }
    let findings = try await ledger.findings()
    #expect(findings.contains { $0.table == "transfer" && $0.row == 2 })
  }

  @Test func everyTableIsStrict() async throws {
    let ledger = try TestLedger()
    let loose = try await ledger.database.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name FROM pragma_table_list
          WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'
          """)
    }
    #expect(loose.isEmpty)
  }
}
