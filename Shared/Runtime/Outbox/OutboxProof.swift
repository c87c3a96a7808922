import Crypto
import GRDB
import Model
import RPC
import TransparencyLog

extension Migration {
  /// What this producer has checked of the log itself. An event leaves the outbox only once it is proven; the last one
  /// that is stays, as the next number follows from it.
  package static let outboxProof = Migration(
    "proofs of audit events",
    sql: """
      CREATE TABLE outbox_proof (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        verifier_key TEXT NOT NULL CHECK (length(verifier_key) BETWEEN 1 AND 512),
        checkpoint TEXT NOT NULL CHECK (length(checkpoint) BETWEEN 1 AND 16384),
        sequence INTEGER NOT NULL DEFAULT 0 CHECK (sequence >= 0)
      ) STRICT;
      CREATE TRIGGER outbox_proof_stays BEFORE DELETE ON outbox_proof
      BEGIN SELECT RAISE(ABORT, 'what is known of the log stays'); END;
      CREATE TRIGGER outbox_proof_goes_on BEFORE UPDATE ON outbox_proof
      WHEN new.sequence < old.sequence
      BEGIN SELECT RAISE(ABORT, 'what is proven stays proven'); END;
      CREATE TRIGGER outbox_keeps_events BEFORE DELETE ON outbox
      WHEN old.sequence >= coalesce((SELECT sequence FROM outbox_proof), 0)
      BEGIN SELECT RAISE(ABORT, 'an event stays until it is proven to be in the log'); END;
      """)
}

/// The newest checkpoint of the log that a producer has verified, with the key that has signed it.
struct TrustedLog: Sendable, Equatable {
  let key: VerifierKey
  let checkpoint: Checkpoint
  /// The checkpoint as it was shown.
  let note: String

  /// - Throws: `LogFormatError`, when `key` has not signed the note.
  init(note: String, key: VerifierKey) throws {
    self.key = key
    self.note = note
    checkpoint = try Checkpoint.verified(note.utf8, with: key)
  }
}

/// An event that the log has taken, before it is proven.
struct UnprovenEvent: Sendable {
  let sequence: Int64
  let time: Timestamp
  let index: Int
  let leafHash: Digest
}

/// How far the events of the outbox are proven: all up to one number.
enum OutboxProof {
  /// What is known of the log; nil before its first checkpoint.
  /// - Throws: `ProofFailure`, when what is stored is not what was.
  static func trustedLog(_ db: Database) throws -> TrustedLog? {
    let statement = try db.cachedStatement(sql: "SELECT verifier_key, checkpoint FROM outbox_proof")
    guard let row = try Row.fetchOne(statement) else { return nil }
    do {
      return try TrustedLog(note: row["checkpoint"], key: try VerifierKey(row["verifier_key"]))
    } catch let error as LogFormatError {
      throw ProofFailure(.alteredTrust(error))
    }
  }

  static func trust(_ log: TrustedLog, _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO outbox_proof (id, verifier_key, checkpoint) VALUES (1, ?, ?)
        ON CONFLICT DO UPDATE SET verifier_key = excluded.verifier_key, checkpoint = excluded.checkpoint
        """)
    try statement.execute(arguments: [log.key.description, log.note])
  }

  /// The number up to which all events are proven; 0 when none is.
  static func sequence(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(try db.cachedStatement(sql: "SELECT sequence FROM outbox_proof")) ?? 0
  }

  /// The first events that have a receipt and no proof, in order.
  static func unproven(_ db: Database, limit: Int) throws -> [UnprovenEvent] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT sequence, time, log_index, leaf_hash FROM outbox
        WHERE sequence > coalesce((SELECT sequence FROM outbox_proof), 0)
          AND sequence < coalesce(
            (SELECT min(sequence) FROM outbox WHERE log_index IS NULL), 9223372036854775807)
          AND log_index IS NOT NULL
        ORDER BY sequence LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [limit]).map { row in
      UnprovenEvent(
        sequence: row["sequence"], time: try row.decode(Timestamp.self, forColumn: "time"),
        index: row["log_index"], leafHash: try row.decode(Digest.self, forColumn: "leaf_hash"))
    }
  }

  /// Notes that all events up to `sequence` are proven, and lets go of those that nobody needs any more: all before it,
  /// but for those of the `kept` kinds.
  static func advance(to sequence: Int64, keeping kept: Set<String>, _ db: Database) throws {
    let before = try Self.sequence(db)
    try db.cachedStatement(sql: "UPDATE outbox_proof SET sequence = ?")
      .execute(arguments: [sequence])
    try db.cachedStatement(
      sql: """
        DELETE FROM outbox WHERE sequence >= ? AND sequence < ?
          AND kind NOT IN (SELECT value FROM json_each(?))
        """
    ).execute(arguments: [
      before, sequence, JSON.array(kept.sorted().map(JSON.string)).text,
    ])
  }
}
