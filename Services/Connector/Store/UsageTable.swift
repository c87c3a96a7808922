package import ConnectorDomain
package import GRDB
package import Model
import ServiceRuntime

/// What was used of orders by usage, on its way to settlement: rows of `metered_stream`, `metered_order` and `usage`.
package struct UsageTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// What is to be reported to one instance, in the order of its sequence.
  package struct Batch: Sendable, Hashable {
    package let instance: String
    package let records: [SettlementV1.UsageRecord]

    /// Each record by itself.
    package var singles: [Batch] { records.map { Batch(instance: instance, records: [$0]) } }
  }

  /// Notes what a stream under way has surely sent: what is charged if the process does not survive it.
  package func note(_ usage: ServedUsage, of stream: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO metered_stream (stream_id, order_id, bytes, rows) VALUES (?, ?, ?, ?)
        ON CONFLICT (stream_id) DO UPDATE SET bytes = excluded.bytes, rows = excluded.rows
        """
    ).execute(arguments: [stream, usage.orderID, usage.bytes, usage.rows])
  }

  /// A stream has ended: what it used is to be reported.
  package func finish(_ usage: ServedUsage, of stream: Int64, at now: Timestamp) throws {
    try insert(usage.orderID, bytes: usage.bytes, rows: usage.rows, at: now)
    try db.cachedStatement(sql: "DELETE FROM metered_stream WHERE stream_id = ?")
      .execute(arguments: [stream])
  }

  /// Takes over the streams that an earlier process did not end.
  package func recover(at now: Timestamp) throws {
    for row in try Row.fetchAll(db, sql: "SELECT * FROM metered_stream ORDER BY stream_id") {
      try insert(row["order_id"], bytes: row["bytes"], rows: row["rows"], at: now)
    }
    try db.execute(sql: "DELETE FROM metered_stream")
  }

  /// Settlement's instance `name` has an order that is paid by usage.
  ///
  /// Orders never move between databases: one that another instance had is with the same instance under a new name, say
  /// since what owned everything became a partition. What was to be reported to it goes on under the new name, in the
  /// same sequence.
  package func setInstance(_ name: String, of order: OrderID) throws {
    let known = try String.fetchOne(
      db.cachedStatement(sql: "SELECT instance FROM metered_order WHERE order_id = ?"),
      arguments: [order])
    if let known, known != name { try rename(known, to: name) }
    try db.cachedStatement(
      sql: """
        INSERT INTO metered_order (order_id, instance) VALUES (?, ?)
        ON CONFLICT (order_id) DO UPDATE SET instance = excluded.instance
        """
    ).execute(arguments: [order, name])
  }

  private func rename(_ old: String, to new: String) throws {
    let taken = try Int.fetchOne(
      db.cachedStatement(sql: "SELECT 1 FROM usage WHERE instance = ? LIMIT 1"), arguments: [new])
    guard taken == nil else { return }
    for table in ["usage", "metered_order"] {
      try db.cachedStatement(sql: "UPDATE \(table) SET instance = ? WHERE instance = ?")
        .execute(arguments: [new, old])
    }
  }

  /// Whether something waits for its place in a sequence and can have it.
  package func isAnyUnnumbered() throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        SELECT 1 FROM usage JOIN metered_order ON metered_order.order_id = usage.order_id
        WHERE sequence IS NULL LIMIT 1
        """)
    return try Int.fetchOne(statement) != nil
  }

  /// Gives what is not in a sequence yet its place in that of the instance that has its order.
  package func number() throws {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT id, metered_order.instance FROM usage
        JOIN metered_order ON metered_order.order_id = usage.order_id
        WHERE sequence IS NULL ORDER BY id
        """)
    for row in rows {
      let (id, instance): (Int64, String) = (row["id"], row["instance"])
      try db.cachedStatement(
        sql: """
          UPDATE usage SET instance = ?1,
            sequence = 1 + (SELECT coalesce(max(sequence), 0) FROM usage WHERE instance = ?1)
          WHERE id = ?2
          """
      ).execute(arguments: [instance, id])
    }
  }

  /// What settlement has not answered for: the first records of each instance.
  package func waiting(limit: Int) throws -> [Batch] {
    let instances = try String.fetchAll(
      db, sql: "SELECT DISTINCT instance FROM usage WHERE outcome IS NULL AND sequence IS NOT NULL")
    return try instances.map { instance in
      let statement = try db.cachedStatement(
        sql: """
          SELECT * FROM usage WHERE instance = ? AND outcome IS NULL ORDER BY sequence LIMIT ?
          """)
      let records = try Row.fetchAll(statement, arguments: [instance, limit]).map { row in
        SettlementV1.UsageRecord(
          sequence: row["sequence"], orderID: row["order_id"], calls: 1, bytes: row["bytes"],
          rows: row["rows"])
      }
      return Batch(instance: instance, records: records)
    }
  }

  /// Settlement has other records of this connector up to `next` - 1, which an older copy of the database has
  /// forgotten: what waits goes on behind them, from the one at `sequence`.
  package func moveOn(in instance: String, from sequence: Int64, to next: Int64) throws {
    let places = try Int64.fetchAll(
      db,
      sql: """
        SELECT sequence FROM usage WHERE instance = ? AND outcome IS NULL AND sequence >= ?
        ORDER BY sequence DESC
        """, arguments: [instance, sequence])
    let statement = try db.cachedStatement(
      sql: "UPDATE usage SET sequence = ? WHERE instance = ? AND sequence = ?")
    // The last first, as no two may have one place in between.
    for place in places {
      try statement.execute(arguments: [place - sequence + next, instance, place])
    }
  }

  /// Notes what settlement answered, one outcome for each record.
  package func settle(_ batch: Batch, _ outcomes: [SettlementV1.UsageOutcome]) throws {
    let statement = try db.cachedStatement(
      sql: "UPDATE usage SET outcome = ? WHERE instance = ? AND sequence = ?")
    for (record, outcome) in zip(batch.records, outcomes) {
      try statement.execute(arguments: [outcome.rawValue, batch.instance, record.sequence])
    }
  }

  private func insert(_ order: OrderID, bytes: Int64, rows: Int64, at now: Timestamp) throws {
    try db.cachedStatement(
      sql: "INSERT INTO usage (order_id, bytes, rows, create_time) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [order, bytes, rows, now])
  }
}
