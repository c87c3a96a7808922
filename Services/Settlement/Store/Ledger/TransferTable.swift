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

  /// The number and time of the last recorded transfer; 0 when there is none.
  func last() throws -> (Int64, Timestamp) {
    let statement = try db.cachedStatement(
      sql: "SELECT number, create_time FROM transfer ORDER BY number DESC LIMIT 1")
    guard let row = try Row.fetchOne(statement) else { return (0, .earliest) }
    return (row["number"], try row.time("create_time"))
  }

  /// The number of the last recorded transfer; 0 when there is none.
  package func lastNumber() throws -> Int64 { try last().0 }

  /// The latest id of all that were recorded or refused, in the order of their bytes; zero when there is none.
  func latestID() throws -> TransferID {
    let statement = try db.cachedStatement(
      sql: """
        SELECT max(coalesce((SELECT max(id) FROM transfer), zeroblob(16)),
          coalesce((SELECT max(id) FROM refused_transfer), zeroblob(16)))
        """)
    return try TransferID.fetchOne(statement) ?? TransferID(high: 0, low: 0)
  }

  /// Asks whether ids are taken, one after the other.
  struct Probe {
    fileprivate let statement: FastStatement

    func holds(_ id: TransferID) throws -> Bool {
      statement.bind(id, at: 0)
      defer { statement.reset() }
      return try statement.step()
    }
  }

  func probe() throws -> Probe {
    Probe(statement: try FastStatement(db, "SELECT 1 FROM transfer WHERE id = ?"))
  }

  func refusedProbe() throws -> Probe {
    Probe(statement: try FastStatement(db, "SELECT 1 FROM refused_transfer WHERE id = ?"))
  }

  /// Appends recorded transfers, under the numbers that they have. That their accounts are there is known once the
  /// commit has written the counters of both.
  func append(_ items: ArraySlice<LedgerState.Recorded>) throws {
    guard !items.isEmpty else { return }
    try RowInsert(db, into: "transfer", columns: 14).run(items.count) { index, row in
      Self.bind(items[items.startIndex + index], to: row)
    }
    for item in items {
      if item.debitCount % TransferChain.markInterval == 0 {
        try TransferChain(db).mark(item.entry.sequence, of: item.debit)
      }
      if item.creditCount % TransferChain.markInterval == 0 {
        try TransferChain(db).mark(item.entry.sequence, of: item.credit)
      }
    }
  }

  private static func bind(_ item: LedgerState.Recorded, to row: BoundRow) {
    let transfer = item.entry.transfer
    row.bind(item.entry.sequence, at: 0)
    row.bind(transfer.id, at: 1)
    row.bind(Int64(transfer.kind.rawValue), at: 2)
    row.bind(item.debit, at: 3)
    row.bind(item.credit, at: 4)
    row.bind(transfer.amount, at: 5)
    if item.effect.holdNumber > 0 {
      row.bind(item.effect.holdNumber, at: 6)
    } else {
      row.bindNull(at: 6)
    }
    row.bind(Int64(transfer.timeoutSeconds), at: 7)
    row.bind(transfer.isLinked ? 1 : 0, at: 8)
    row.bind(transfer.orderID, at: 9)
    row.bind(transfer.windowID, at: 10)
    row.bind(item.entry.createTime.microseconds, at: 11)
    row.bind(item.debitPrevious, at: 12)
    row.bind(item.creditPrevious, at: 13)
  }

  func append(_ item: LedgerState.Refused) throws {
    let transfer = item.transfer
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO refused_transfer (id, outcome, kind, debit_id, credit_id, amount, currency,
          hold_id, timeout_seconds, linked, order_id, window_id, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      transfer.id, item.outcome.rawValue, transfer.kind.rawValue, transfer.debitAccountID,
      transfer.creditAccountID, transfer.amount, transfer.currency?.code, transfer.holdID,
      transfer.timeoutSeconds, transfer.isLinked, transfer.orderID, transfer.windowID,
      item.createTime,
    ])
  }

  private static let columns = """
    SELECT t.number, t.id, t.kind, d.id AS debit_id, c.id AS credit_id, t.amount, d.currency,
      h.id AS hold_id, t.timeout_seconds, t.linked, t.order_id, t.window_id, t.create_time
    """
  private static let tables = """
    FROM transfer t JOIN account d ON d.number = t.debit JOIN account c ON c.number = t.credit
      LEFT JOIN transfer h ON h.number = t.hold
    """

  func entries(
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
