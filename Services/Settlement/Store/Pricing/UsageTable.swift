package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// Records of usage, and the meters that they add up to.
package struct UsageTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// The sequence that a system's next record must have.
  package func nextSequence(of provider: ParticipantID, _ system: SystemID) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: "SELECT MAX(sequence) FROM usage_record WHERE provider_id = ? AND system_id = ?")
    return (try Int64.fetchOne(statement, arguments: [provider, system]) ?? 0) + 1
  }

  package func record(
    _ sequence: Int64, of provider: ParticipantID, _ system: SystemID
  ) throws -> SettlementV1.UsageRecord? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT * FROM usage_record WHERE provider_id = ? AND system_id = ? AND sequence = ?
        """)
    return try Row.fetchOne(statement, arguments: [provider, system, sequence]).map { row in
      SettlementV1.UsageRecord(
        sequence: row["sequence"], orderID: try row.id("order_id"), calls: row["calls"],
        bytes: row["bytes"], rows: row["rows"])
    }
  }

  package func insert(
    _ record: SettlementV1.UsageRecord, of provider: ParticipantID, _ system: SystemID,
    _ outcome: UsageOutcome, at now: Timestamp
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO usage_record (provider_id, system_id, sequence, order_id, calls, bytes, rows,
          outcome, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      provider, system, record.sequence, record.orderID, record.calls, record.bytes, record.rows,
      outcome.rawValue, now,
    ])
  }

  /// What an order has used.
  package func meter(of order: OrderID) throws -> UsageMeter {
    let statement = try db.cachedStatement(
      sql: """
        SELECT calls, bytes, rows FROM usage_meter
        WHERE order_number = (SELECT number FROM orders WHERE id = ?)
        """)
    let row = try Row.fetchOne(statement, arguments: [order])
    return row.map { UsageMeter(calls: $0["calls"], bytes: $0["bytes"], rows: $0["rows"]) }
      ?? UsageMeter()
  }

  package func save(_ meter: UsageMeter, of order: OrderID) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO usage_meter (order_number, calls, bytes, rows)
        VALUES ((SELECT number FROM orders WHERE id = ?), ?, ?, ?)
        ON CONFLICT (order_number)
        DO UPDATE SET calls = excluded.calls, bytes = excluded.bytes, rows = excluded.rows
        """)
    try statement.execute(arguments: [order, meter.calls, meter.bytes, meter.rows])
  }
}
