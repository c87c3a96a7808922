package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// A window with its number, the key of lists.
package struct StoredWindow: Sendable, Hashable {
  package let number: Int64
  package var window: ClearingWindow
}

/// The clearing windows.
package struct WindowTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Which windows a list holds; nil for all.
  package struct Filter: Sendable {
    package var currency: Currency?
    package var environment: TypeV1.Environment?
    package var model: SettlementModel?
    package var state: WindowState?

    package init(
      currency: Currency? = nil, environment: TypeV1.Environment? = nil,
      model: SettlementModel? = nil, state: WindowState? = nil
    ) {
      self.currency = currency
      self.environment = environment
      self.model = model
      self.state = state
    }
  }

  package func find(_ id: WindowID) throws -> StoredWindow? { try all("id = ?", [id]).first }

  /// The OPEN window of a key.
  package func open(_ key: WindowKey) throws -> StoredWindow? {
    try all(
      "currency = ? AND environment = ? AND model = ? AND state = 1",
      [key.currency.code, key.environment.rawValue, key.model.rawValue]
    ).first
  }

  /// Windows with numbers above `after`, oldest first.
  package func list(_ filter: Filter, after: Int64, limit: Int) throws -> [StoredWindow] {
    try all(
      """
      (?1 IS NULL OR currency = ?1) AND (?2 IS NULL OR environment = ?2)
      AND (?3 IS NULL OR model = ?3) AND (?4 IS NULL OR state = ?4) AND number > ?5
      ORDER BY number LIMIT ?6
      """,
      [
        filter.currency?.code, filter.environment?.rawValue, filter.model?.rawValue,
        filter.state?.rawValue, after, limit,
      ])
  }

  /// Windows whose pay-ins were due by `now`.
  package func due(at now: Timestamp) throws -> [WindowID] {
    let statement = try db.cachedStatement(
      sql: "SELECT id FROM clearing_window WHERE due_time <= ? ORDER BY due_time, number")
    return try WindowID.fetchAll(statement, arguments: [now])
  }

  /// When the first deadline after `now` is; nil when there is none.
  package func nextDueTime(after now: Timestamp) throws -> Timestamp? {
    let statement = try db.cachedStatement(
      sql: "SELECT MIN(due_time) FROM clearing_window WHERE due_time > ?")
    return try Timestamp.fetchOne(statement, arguments: [now])
  }

  package func insert(_ window: ClearingWindow) throws -> StoredWindow {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO clearing_window (id, currency, environment, model, state, first_transfer,
          attempt, abort_reason, open_time) VALUES (?, ?, ?, ?, 1, ?, 0, '', ?)
        """)
    try statement.execute(arguments: [
      window.id, window.key.currency.code, window.key.environment.rawValue,
      window.key.model.rawValue, window.firstTransfer, window.openTime,
    ])
    return StoredWindow(number: db.lastInsertedRowID, window: window)
  }

  /// Writes what may change of a window, but for its positions.
  package func update(_ window: ClearingWindow) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE clearing_window SET state = ?, last_transfer = ?, due_time = ?, attempt = ?,
          digest = ?, abort_reason = ?, close_time = ?, settle_time = ? WHERE id = ?
        """)
    try statement.execute(arguments: [
      window.state.rawValue, window.lastTransfer, window.dueTime, window.attempt, window.digest,
      window.abortReason, window.closeTime, window.settleTime, window.id,
    ])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [StoredWindow] {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM clearing_window WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      StoredWindow(
        number: row["number"],
        window: ClearingWindow(
          id: try row.id("id"),
          key: WindowKey(
            currency: try row.currency("currency"), environment: try row.value("environment"),
            model: try row.value("model")),
          firstTransfer: row["first_transfer"], openTime: try row.time("open_time"),
          lastTransfer: row["last_transfer"], state: try row.value("state"),
          dueTime: try row.decode(Timestamp?.self, forColumn: "due_time"),
          attempt: row["attempt"], digest: try row.decode(Digest?.self, forColumn: "digest"),
          abortReason: row["abort_reason"],
          closeTime: try row.decode(Timestamp?.self, forColumn: "close_time"),
          settleTime: try row.decode(Timestamp?.self, forColumn: "settle_time")))
    }
  }
}
