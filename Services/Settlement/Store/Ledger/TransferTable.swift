package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The transfers that were recorded, in order, and those that were refused for good.
package struct TransferTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// What is known under a transfer's id.
  package func find(_ id: TransferID) throws -> KnownTransfer? {
    if let entry = try entry(id) { return .recorded(entry.transfer, at: entry.createTime) }
    return try refused(id)
  }

  /// The recorded transfer of this id.
  package func entry(_ id: TransferID) throws -> LedgerEntry? {
    try entries("t.id = ?", [id]).first
  }

  /// Recorded transfers from or to an account with numbers above `after`, oldest first, within a time.
  package func list(
    account: AccountID, from start: Timestamp?, until end: Timestamp?, after: Int64, limit: Int
  ) throws -> [LedgerEntry] {
    guard let number = try AccountTable(db).find(account)?.number else { return [] }
    return try entries(
      """
      (t.debit = ?1 OR t.credit = ?1) AND t.number > ?2 AND t.create_time >= ?3
      AND t.create_time < ?4 ORDER BY t.number LIMIT ?5
      """,
      [number, after, start ?? .earliest, end ?? Timestamp(microseconds: .max), limit])
  }

  /// Recorded transfers with numbers above `after`, in order.
  package func entries(after: Int64) throws -> [LedgerEntry] {
    try entries("t.number > ? ORDER BY t.number", [after])
  }

  /// Every recorded transfer, in order, for verification.
  package func forEach(_ body: (LedgerVerifier.Item) throws -> Void) throws {
    let statement = try db.cachedStatement(
      sql: """
        \(Self.columns), COALESCE(h.amount, 0) AS hold_amount, COALESCE(o.state, 0) AS own_state
        \(Self.tables) LEFT JOIN hold o ON o.transfer = t.number ORDER BY t.number
        """)
    let rows = try Row.fetchCursor(statement)
    while let row = try rows.next() {
      try body(
        LedgerVerifier.Item(
          entry: Self.entry(row), holdAmount: row["hold_amount"],
          isPending: row["own_state"] == HoldState.pending.rawValue))
    }
  }

  /// The number of the last recorded transfer; 0 when there is none.
  package func lastNumber() throws -> Int64 {
    let statement = try db.cachedStatement(sql: "SELECT COALESCE(MAX(number), 0) FROM transfer")
    return try Int64.fetchOne(statement) ?? 0
  }

  /// Appends a recorded transfer and returns its number.
  func append(
    _ transfer: Transfer, debit: Int64, credit: Int64, hold: Int64?,
    _ environment: TypeV1.Environment, at now: Timestamp
  ) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO transfer (id, kind, debit, credit, amount, currency, environment, hold,
          timeout_seconds, linked, order_id, window_id, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      transfer.id, transfer.kind.rawValue, debit, credit, transfer.amount,
      transfer.currency?.code, environment.rawValue, hold, transfer.timeoutSeconds,
      transfer.isLinked, transfer.orderID, transfer.windowID, now,
    ])
    return db.lastInsertedRowID
  }

  func appendRefused(
    _ transfer: Transfer, _ outcome: TransferOutcome, at now: Timestamp
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO refused_transfer (id, outcome, kind, debit_id, credit_id, amount, currency,
          hold_id, timeout_seconds, linked, order_id, window_id, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      transfer.id, outcome.rawValue, transfer.kind.rawValue, transfer.debitAccountID,
      transfer.creditAccountID, transfer.amount, transfer.currency?.code, transfer.holdID,
      transfer.timeoutSeconds, transfer.isLinked, transfer.orderID, transfer.windowID, now,
    ])
  }

  private static let columns = """
    SELECT t.number, t.id, t.kind, d.id AS debit_id, c.id AS credit_id, t.amount, t.currency,
      h.id AS hold_id, t.timeout_seconds, t.linked, t.order_id, t.window_id, t.create_time
    """
  private static let tables = """
    FROM transfer t JOIN account d ON d.number = t.debit JOIN account c ON c.number = t.credit
      LEFT JOIN transfer h ON h.number = t.hold
    """

  private func entries(
    _ condition: String, _ arguments: StatementArguments
  ) throws -> [LedgerEntry] {
    let statement = try db.cachedStatement(
      sql: "\(Self.columns) \(Self.tables) WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map(Self.entry)
  }

  private func refused(_ id: TransferID) throws -> KnownTransfer? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM refused_transfer WHERE id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map { row in
      .refused(try Self.transfer(row), try row.value("outcome"))
    }
  }

  private static func entry(_ row: Row) throws -> LedgerEntry {
    LedgerEntry(
      sequence: row["number"], transfer: try transfer(row), createTime: try row.time("create_time"))
  }

  private static func transfer(_ row: Row) throws -> Transfer {
    Transfer(
      id: try row.id("id"), kind: try row.value("kind"),
      debitAccountID: try row.idIfPresent("debit_id"),
      creditAccountID: try row.idIfPresent("credit_id"), amount: row["amount"],
      currency: row["currency"] == nil ? nil : try row.currency("currency"),
      holdID: try row.idIfPresent("hold_id"), timeoutSeconds: row["timeout_seconds"],
      isLinked: row["linked"], orderID: try row.idIfPresent("order_id"),
      windowID: try row.idIfPresent("window_id"))
  }
}
