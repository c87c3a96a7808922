package import GRDB
import Model
import ServiceRuntime
package import SettlementDomain

/// Reads every row of the ledger, as of one moment, and compares it with what it must be: with its copy, with the
/// transfers, and with the links of the journal. Names each row that differs. Holds counters, not transfers.
package struct LedgerCheck {
  let db: Database
  package var verifier = LedgerVerifier(markInterval: TransferChain.markInterval)
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
    try HistoryCheck(db).run(&verifier)
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
        SELECT \(row), \(id), copy FROM (SELECT x.*, (SELECT content FROM ledger_record
          WHERE key = \(copied.key) ORDER BY number DESC LIMIT 1) AS copy FROM \(name) AS x) AS x
        WHERE \(copied.content) IS NOT copy
        """)
    while let found = try rows.next() {
      let copy: String? = found[2]
      verifier.report(
        name, row: found[0],
        account: name == "account" ? AccountID.fromDatabaseValue(found[1]) : nil,
        transfer: name == "refused_transfer" ? TransferID.fromDatabaseValue(found[1]) : nil,
        copy == nil
          ? "has no copy: it was added, or its copy was removed"
          : "is not as the ledger wrote it")
    }
    try findLost(copied)
  }

  /// Rows of which there is only the copy.
  private mutating func findLost(_ copied: RecordSchema.Copied) throws {
    let name = copied.table
    let keys = try String.fetchCursor(
      db,
      sql: """
        SELECT DISTINCT key FROM ledger_record WHERE key >= '\(name) ' AND key < '\(name)!'
          AND key NOT IN (SELECT \(copied.key) FROM \(name) AS x)
        """)
    while let key = try keys.next() {
      let place = key.dropFirst(name.count + 1)
      verifier.report(
        name, row: name == "refused_transfer" ? 0 : Int64(place) ?? 0,
        transfer: name == "refused_transfer" ? Self.id(place) : nil, "is missing")
    }
  }

  /// An id as `hex` of SQLite writes it.
  private static func id(_ text: Substring) -> TransferID? {
    guard let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.dropFirst(16), radix: 16)
    else { return nil }
    return TransferID(high: high, low: low)
  }

  /// Copies that no link covers yet: each is of a row, and says what is in it unless a newer one does.
  private mutating func checkNewestCopies() throws {
    let before = try Int64.fetchCursor(
      db, sql: "SELECT number FROM ledger_record WHERE number < 1 ORDER BY number")
    while let number = try before.next() {
      verifier.report("ledger_record", row: number, "stands before the first")
    }
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
        verifier.addUnreadable(number, debit: row["debit"], credit: row["credit"])
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
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT * FROM account LEFT JOIN balance ON balance.account = number ORDER BY number
        """)
    while let row = try rows.next() {
      let number: Int64 = row["number"]
      guard let mayOwe: Int64 = row["may_owe"] else {
        verifier.report("balance", row: number, "is missing")
        continue
      }
      do {
        let account = try AccountTable.account(row).account
        verifier.add(account)
        if mayOwe != (account.overdraftAllowed ? 1 : 0) {
          verifier.report("balance", row: number, "does not say of its account what it is")
        }
      } catch {
        verifier.report("account", row: number, "holds what it cannot hold")
      }
    }
    let loose = try Int64.fetchCursor(
      db, sql: "SELECT account FROM balance WHERE account NOT IN (SELECT number FROM account)")
    while let number = try loose.next() {
      verifier.report("balance", row: number, "is of no account")
    }
    try progress(verifier)
  }

  /// The marks are those that the transfers ask for.
  private mutating func checkMarks() throws {
    var missing = verifier.marks
    let rows = try Row.fetchCursor(db, sql: "SELECT account, transfer FROM transfer_mark")
    while let row = try rows.next() {
      let mark = LedgerVerifier.Mark(account: row[0], transfer: row[1])
      if missing.remove(mark) == nil {
        verifier.report("transfer_mark", row: mark.transfer, "marks nothing")
      }
    }
    for mark in missing.sorted(by: { ($0.account, $0.transfer) < ($1.account, $1.transfer) }) {
      verifier.report(
        "transfer_mark", row: mark.transfer, "is missing for account \(mark.account)")
    }
  }
}
