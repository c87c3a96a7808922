package import GRDB
import Model
import ServiceRuntime
package import SettlementDomain

/// Reads every row of the ledger, as of one moment, and compares it with what it must be: with its copy, with the
/// transfers, and with the links of the journal. Names each row that differs. Holds counters, not transfers.
package struct LedgerCheck {
  let db: Database
  package var verifier = LedgerVerifier()
  /// Told how far the check has come, every so many transfers.
  private let progress: (LedgerVerifier) throws -> Void
  private static let progressInterval: Int64 = 20_000

  package init(_ db: Database, progress: @escaping (LedgerVerifier) throws -> Void = { _ in }) {
    self.db = db
    self.progress = progress
  }

  package mutating func run() throws {
    for copied in RecordSchema.copied { try compareCopies(copied) }
    try checkNewestCopies()
    try checkTransfers()
    try checkHolds()
    try checkAccounts()
    try checkMarks()
    verifier.finish()
  }

  // MARK: Copies

  private mutating func compareCopies(_ copied: RecordSchema.Copied) throws {
    let name = copied.table
    let row = name == "refused_transfer" ? "0" : name == "hold" ? "x.transfer" : "x.number"
    let id = ["account", "refused_transfer"].contains(name) ? "x.id" : "NULL"
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT \(row), \(id) FROM \(name) AS x WHERE \(copied.content) IS NOT
          (SELECT content FROM ledger_record WHERE key = \(copied.key) ORDER BY number DESC LIMIT 1)
        """)
    while let found = try rows.next() {
      verifier.report(
        name, row: found[0],
        account: name == "account" ? AccountID.fromDatabaseValue(found[1]) : nil,
        transfer: name == "refused_transfer" ? TransferID.fromDatabaseValue(found[1]) : nil,
        "is not as the ledger wrote it")
    }
    let counts = try Row.fetchOne(
      db,
      sql: """
        SELECT (SELECT count(*) FROM \(name)),
          (SELECT count(DISTINCT key) FROM ledger_record WHERE key >= '\(name) ' AND key < '\(name)!')
        """)
    if let counts, let rows: Int64 = counts[0], let copies: Int64 = counts[1], rows < copies {
      verifier.report(name, "has lost \(copies - rows) rows")
    }
  }

  /// Copies that no link covers yet: each is of a row, and says what is in it unless a newer one does.
  private mutating func checkNewestCopies() throws {
    for copied in RecordSchema.copied {
      let rows = try Int64.fetchCursor(
        db,
        sql: """
          SELECT r.number FROM ledger_record r
          WHERE r.number > (SELECT coalesce(max(last_record), 0) FROM journal)
            AND r.key >= '\(copied.table) ' AND r.key < '\(copied.table)!'
            AND NOT EXISTS (SELECT 1 FROM ledger_record n WHERE n.key = r.key AND n.number > r.number)
            AND NOT EXISTS (SELECT 1 FROM \(copied.table) AS x
              WHERE \(copied.key) = r.key AND \(copied.content) = r.content)
          """)
      while let number = try rows.next() {
        verifier.report("ledger_record", row: number, "is not what \(copied.table) has")
      }
    }
  }

  // MARK: Transfers and the journal

  private mutating func checkTransfers() throws {
    var journal = JournalCheck(db)
    let rows = try Row.fetchCursor(db, sql: CheckedTransfer.sql)
    while let row = try rows.next() {
      let number: Int64 = row["number"]
      verifier.pass(number)
      do {
        let item = try CheckedTransfer.item(row)
        verifier.add(item)
        try journal.add(item.entry, &verifier)
      } catch is StoredValueError {
        verifier.report("transfer", row: number, "holds what it cannot hold")
        try journal.skip(number, &verifier)
      }
      if verifier.transfersChecked % Self.progressInterval == 0 { try progress(verifier) }
    }
    try journal.finish(&verifier)
  }

  private mutating func checkHolds() throws {
    let rows = try Int64.fetchCursor(
      db,
      sql: """
        SELECT x.transfer FROM hold x LEFT JOIN transfer t ON t.number = x.transfer
          LEFT JOIN transfer r ON r.number = x.resolved_by
        WHERE t.kind IS NOT 2 OR x.state NOT BETWEEN 1 AND 4
          OR (x.state IN (2, 3) AND (r.hold IS NOT x.transfer OR r.kind IS NOT x.state + 1))
          OR (x.state IN (1, 4) AND x.resolved_by IS NOT NULL)
        """)
    while let number = try rows.next() {
      verifier.report("hold", row: number, "does not go with its transfers")
    }
  }

  // MARK: Accounts

  private mutating func checkAccounts() throws {
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM account ORDER BY number")
    while let row = try rows.next() {
      do {
        verifier.add(try AccountTable.account(row).account)
      } catch {
        verifier.report("account", row: row["number"], "holds what it cannot hold")
      }
    }
    try progress(verifier)
  }

  /// Every mark is the transfer of its account that it stands for; none is missing.
  private mutating func checkMarks() throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT m.account, m.transfer, t.number IS NULL AS is_loose FROM transfer_mark m
          LEFT JOIN transfer t ON t.number = m.transfer AND m.account IN (t.debit, t.credit)
        """)
    var counts: [Int64: Int64] = [:]
    while let row = try rows.next() {
      counts[row["account"], default: 0] += 1
      let isLoose: Bool = row["is_loose"]
      if isLoose { verifier.report("transfer_mark", row: row["transfer"], "marks nothing") }
    }
    let accounts = try Row.fetchCursor(db, sql: "SELECT number, transfer_count FROM account")
    while let row = try accounts.next() {
      let (number, count): (Int64, Int64) = (row[0], row[1])
      if counts[number, default: 0] != count / TransferChain.markInterval {
        verifier.report("account", row: number, "does not have the marks of its transfers")
      }
    }
  }
}
