import Crypto
package import GRDB
package import Model
import RPC

extension Migration {
  /// Audit events that wait for, or have, their receipt. `sequence` is the producer's gapless one, the next after that
  /// of the last row, which stays; an event that is rolled back gives its number back. Rows go once they are proven:
  /// see `outboxProof`.
  package static let outbox = Migration(
    "outbox of audit events",
    sql: """
      CREATE TABLE outbox (
        sequence INTEGER PRIMARY KEY,
        event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
        kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
        time INTEGER NOT NULL,
        traceparent TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused')),
        actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 128),
        subjects TEXT NOT NULL CHECK (json_array_length(subjects) <= 32),
        payload TEXT NOT NULL CHECK (json_valid(payload) AND length(CAST(payload AS BLOB)) <= 32768),
        log_index INTEGER CHECK (log_index >= 0),
        leaf_hash BLOB CHECK (length(leaf_hash) = 32),
        CHECK ((log_index IS NULL) = (leaf_hash IS NULL))
      ) STRICT;
      CREATE INDEX outbox_waiting ON outbox (sequence) WHERE log_index IS NULL;
      """)
}

/// Where an event of this service is in the audit log.
package struct OutboxReceipt: Sendable, Hashable {
  /// The producer's sequence number.
  package let sequence: Int64
  package let logIndex: Int64
  package let leafHash: Digest
}

/// The producer's side of the audit log.
package enum Outbox {
  static func append(_ event: AuditEvent, id: EventID, in transaction: Transaction) throws {
    guard event.isWellFormed else { throw OutboxError.malformed(event) }
    let statement = try transaction.db.cachedStatement(
      sql: """
        INSERT INTO outbox (event_id, kind, time, traceparent, outcome, actor, subjects, payload)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      id, event.kind, transaction.now, transaction.context.trace.traceparent,
      event.outcome.rawValue, transaction.context.caller.name,
      JSON.array(event.subjects.map(JSON.string)).text,
      JSON.object(event.payload.mapValues(JSON.string)).text,
    ])
  }

  /// The receipt of an event; nil while there is none, and once the outbox has let go of the event.
  package static func receipt(of event: EventID, _ db: Database) throws -> OutboxReceipt? {
    let statement = try db.cachedStatement(
      sql: "SELECT sequence, log_index, leaf_hash FROM outbox WHERE event_id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [event]),
      let index: Int64 = row["log_index"], let hash: Digest = row["leaf_hash"]
    else { return nil }
    return OutboxReceipt(sequence: row["sequence"], logIndex: index, leafHash: hash)
  }

  /// How many events have no receipt yet.
  package static func waitingCount(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM outbox WHERE log_index IS NULL") ?? 0
  }

  /// When the first event without a receipt happened; nil when there is none.
  static func oldestWaiting(_ db: Database) throws -> Timestamp? {
    try Timestamp.fetchOne(
      db, sql: "SELECT time FROM outbox WHERE log_index IS NULL ORDER BY sequence LIMIT 1")
  }

  /// Gives the number `next` to an event that tells of it, and those after it to the events that wait.
  /// - Returns: how many waited.
  /// - Throws: `StartupError` when no event waits, or the first of them has that number or a later one.
  static func resume(
    at next: Int64, service: String, now: Timestamp, _ db: Database
  ) throws -> Int {
    let first = try Int64.fetchOne(
      db, sql: "SELECT MIN(sequence) FROM outbox WHERE log_index IS NULL")
    guard let first, next > first else {
      throw StartupError(
        .configuration, "the first event that waits has number \(first ?? 0): nothing to resume")
    }
    // In two steps, as no two rows may have one number in between.
    try db.execute(
      sql: "UPDATE outbox SET sequence = -sequence WHERE log_index IS NULL")
    try db.execute(
      sql: "UPDATE outbox SET sequence = -sequence + ? WHERE sequence < 0",
      arguments: [next + 1 - first])
    let waiting = db.changesCount
    let payload = JSON.object(["lost_from": .integer(first), "lost_to": .integer(next - 1)])
    try db.execute(
      sql: """
        INSERT INTO outbox (
          sequence, event_id, kind, time, traceparent, outcome, actor, subjects, payload)
        VALUES (?, ?, 'producer.resumed', ?, '', 'accepted', ?, '[]', ?)
        """,
      arguments: [next, EventID.make(at: now), now, "service/\(service)", payload.text])
    return waiting
  }

  /// The first events without a receipt, in order: at most `limit`, and about `bytes` of payload.
  static func waiting(_ db: Database, limit: Int, bytes: Int) throws -> [AuditV1.Event] {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM outbox WHERE log_index IS NULL ORDER BY sequence LIMIT ?")
    var events: [AuditV1.Event] = []
    var size = 0
    let rows = try Row.fetchCursor(statement, arguments: [limit])
    while size < bytes, let row = try rows.next() {
      let event = try AuditV1.Event(outboxRow: row)
      size += event.payload.count
      events.append(event)
    }
    return events
  }

  static func store(_ receipts: [AuditV1.AppendReceipt], _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE outbox SET log_index = ?, leaf_hash = ? WHERE event_id = ? AND log_index IS NULL
        """)
    for receipt in receipts {
      try statement.execute(arguments: [receipt.index, receipt.leafHash, receipt.eventID])
    }
  }
}

extension AuditV1.Event {
  fileprivate init(outboxRow row: Row) throws {
    let outcome: String = row["outcome"]
    let subjects: String = row["subjects"]
    let payload: String = row["payload"]
    self.init(
      eventID: try row.decode(EventID.self, forColumn: "event_id"), kind: row["kind"],
      time: try row.decode(Timestamp.self, forColumn: "time"), producerSequence: row["sequence"],
      traceparent: row["traceparent"], outcome: outcome == "accepted" ? .accepted : .refused,
      actor: row["actor"],
      subjects: (try JSON(parsing: subjects.utf8).array ?? []).compactMap(\.string),
      payload: Array(payload.utf8))
  }
}
