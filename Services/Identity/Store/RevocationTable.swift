package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// Revocations in the order of their epochs, append-only; the latest word on a subject wins.
package enum RevocationTable {
  static let migration = Migration(
    "revocations",
    sql: """
      CREATE TABLE revocation (
        epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
        participant_id BLOB REFERENCES participant (id),
        system_id BLOB REFERENCES system (id),
        serial TEXT REFERENCES credential (serial),
        tokens_only INTEGER NOT NULL CHECK (tokens_only IN (0, 1)),
        not_before INTEGER NOT NULL CHECK (not_before % 1000000 = 0),
        blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
        time INTEGER NOT NULL,
        CHECK (tokens_only = 0 OR (participant_id IS NOT NULL AND blocked = 0)),
        CHECK ((participant_id IS NOT NULL) + (system_id IS NOT NULL) + (serial IS NOT NULL) = 1)
      ) STRICT;
      CREATE INDEX revocation_participant ON revocation (participant_id, tokens_only, epoch)
        WHERE participant_id IS NOT NULL;
      CREATE INDEX revocation_system ON revocation (system_id, epoch) WHERE system_id IS NOT NULL;
      CREATE INDEX revocation_serial ON revocation (serial) WHERE serial IS NOT NULL;
      CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocations are append-only'); END;
      CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocations are append-only'); END;
      """)

  /// The same, of consents too.
  static let consents = Migration(
    "revocations of consents",
    sql: """
      CREATE TABLE revocation_with_consents (
        epoch INTEGER PRIMARY KEY CHECK (epoch > 0),
        participant_id BLOB REFERENCES participant (id),
        system_id BLOB REFERENCES system (id),
        serial TEXT REFERENCES credential (serial),
        consent_id BLOB REFERENCES consent (id),
        tokens_only INTEGER NOT NULL CHECK (tokens_only IN (0, 1)),
        -- Of a consent: not for good.
        pause_only INTEGER NOT NULL CHECK (pause_only IN (0, 1)),
        not_before INTEGER NOT NULL CHECK (not_before % 1000000 = 0),
        blocked INTEGER NOT NULL CHECK (blocked IN (0, 1)),
        time INTEGER NOT NULL,
        CHECK (tokens_only = 0 OR (participant_id IS NOT NULL AND blocked = 0)),
        CHECK (pause_only = 0 OR consent_id IS NOT NULL),
        CHECK (consent_id IS NULL OR pause_only = 1 OR blocked = 1),
        CHECK ((participant_id IS NOT NULL) + (system_id IS NOT NULL) + (serial IS NOT NULL)
          + (consent_id IS NOT NULL) = 1)
      ) STRICT;
      INSERT INTO revocation_with_consents (epoch, participant_id, system_id, serial, tokens_only,
        pause_only, not_before, blocked, time)
      SELECT epoch, participant_id, system_id, serial, tokens_only, 0, not_before, blocked, time
      FROM revocation;
      DROP TABLE revocation;
      ALTER TABLE revocation_with_consents RENAME TO revocation;
      CREATE INDEX revocation_participant ON revocation (participant_id, tokens_only, epoch)
        WHERE participant_id IS NOT NULL;
      CREATE INDEX revocation_system ON revocation (system_id, epoch) WHERE system_id IS NOT NULL;
      CREATE INDEX revocation_serial ON revocation (serial) WHERE serial IS NOT NULL;
      CREATE TRIGGER revocation_is_final BEFORE UPDATE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocations are append-only'); END;
      CREATE TRIGGER revocation_stays BEFORE DELETE ON revocation
        BEGIN SELECT RAISE(ABORT, 'revocations are append-only'); END;
      """)

  /// Appends with the next epoch and returns it. Refuses what was issued to the subject until `now`,
  /// or, when `cutoff` is given, before that.
  package static func append(
    _ subject: RevokedSubject, isBlocked: Bool, cutoff: Timestamp? = nil, at now: Timestamp,
    _ db: Database
  ) throws -> Int64 {
    let notBefore = cutoff ?? RevocationCutoff.after(now)
    let columns: [(any DatabaseValueConvertible)?] =
      switch subject {
      case .participant(let id): [id, nil, nil, nil, false, false]
      case .system(let id): [nil, id, nil, nil, false, false]
      case .credential(let serial): [nil, nil, serial, nil, false, false]
      case .tokens(let id): [id, nil, nil, nil, true, false]
      case .consent(let id): [nil, nil, nil, id, false, false]
      case .consentPause(let id): [nil, nil, nil, id, false, true]
      }
    try db.cachedStatement(
      sql: """
        INSERT INTO revocation (epoch, participant_id, system_id, serial, consent_id, tokens_only,
          pause_only, not_before, blocked, time)
        VALUES ((SELECT COALESCE(MAX(epoch), 0) + 1 FROM revocation), ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: StatementArguments(columns + [notBefore, isBlocked, now]))
    return db.lastInsertedRowID
  }

  /// In order, after `epoch`.
  package static func list(
    after epoch: Int64, limit: Int, _ db: Database
  ) throws -> [Revocation] {
    try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM revocation WHERE epoch > ? ORDER BY epoch LIMIT ?"),
      arguments: [epoch, limit]
    ).map(revocation)
  }

  /// The cut-off of the holder's certificates that the latest word on each of its names sets; nil when
  /// there is none.
  package static func cutoff(of holder: CredentialHolder, _ db: Database) throws -> Timestamp? {
    guard let participant = holder.participantID, let system = holder.systemID else { return nil }
    return RevocationCutoff.effective(
      try latest(of: participant, db)?.notBefore,
      try latest("system_id = ?", system, db)?.notBefore)
  }

  /// The same for access tokens, which also end when a role is taken away.
  package static func tokenCutoff(
    of participant: ParticipantID, _ system: SystemID, _ db: Database
  ) throws -> Timestamp? {
    RevocationCutoff.effective(
      try latest(of: participant, db)?.notBefore,
      try latest("participant_id = ? AND tokens_only = 1", participant, db)?.notBefore,
      try latest("system_id = ?", system, db)?.notBefore)
  }

  /// The latest word on a participant.
  package static func latest(
    of participant: ParticipantID, _ db: Database
  ) throws -> Revocation? {
    try latest("participant_id = ? AND tokens_only = 0", participant, db)
  }

  private static func latest(
    _ condition: String, _ value: some DatabaseValueConvertible, _ db: Database
  ) throws -> Revocation? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM revocation WHERE \(condition) ORDER BY epoch DESC LIMIT 1"),
      arguments: [value]
    ).map(revocation)
  }

  private static func revocation(_ row: Row) throws -> Revocation {
    let subject: RevokedSubject
    if let id: ParticipantID = row["participant_id"] {
      subject = row["tokens_only"] ? .tokens(id) : .participant(id)
    } else if let id: SystemID = row["system_id"] {
      subject = .system(id)
    } else if let id: ConsentID = row["consent_id"] {
      subject = row["pause_only"] ? .consentPause(id) : .consent(id)
    } else {
      subject = .credential(serial: row["serial"])
    }
    return Revocation(
      epoch: row["epoch"], subject: subject, notBefore: row["not_before"],
      isBlocked: row["blocked"])
  }
}
