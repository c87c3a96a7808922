import Crypto
package import GRDB
import Model

extension Migration {
  /// Audit events that wait for, or have, their receipt. `sequence` is the producer's gapless one:
  /// rows are never deleted, and an event that is rolled back gives its number back.
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
        actor TEXT NOT NULL,
        subjects TEXT NOT NULL CHECK (json_valid(subjects)),
        payload TEXT NOT NULL CHECK (json_valid(payload)),
        log_index INTEGER CHECK (log_index >= 0),
        leaf_hash BLOB CHECK (length(leaf_hash) = 32),
        CHECK ((log_index IS NULL) = (leaf_hash IS NULL))
      ) STRICT;
      CREATE INDEX outbox_waiting ON outbox (sequence) WHERE log_index IS NULL;
      """)
}

/// The producer's side of the audit log.
package enum Outbox {
  static func append(_ event: AuditEvent, id: EventID, in transaction: Transaction) throws {
    let statement = try transaction.db.cachedStatement(
      sql: """
        INSERT INTO outbox (event_id, kind, time, traceparent, outcome, actor, subjects, payload)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      id, event.kind, transaction.now,
      transaction.context.trace.traceparent, event.outcome.rawValue,
      transaction.context.caller.name, JSON.array(event.subjects.map(JSON.string)).text,
      JSON.object(event.payload.mapValues(JSON.string)).text,
    ])
  }
}
