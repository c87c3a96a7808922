package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// Participants and the roles bound to them.
package enum ParticipantTable {
  static let migration = Migration(
    "participants and roles",
    sql: """
      CREATE TABLE participant (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        kind TEXT NOT NULL CHECK (kind IN (\(StoredEnum.list(IdentityV1.ParticipantKind.self)))),
        environment TEXT NOT NULL
          CHECK (environment IN (\(StoredEnum.list(TypeV1.Environment.self)))),
        name_vi TEXT NOT NULL CHECK (length(name_vi) BETWEEN 1 AND 4000),
        name_en TEXT NOT NULL CHECK (length(name_en) <= 4000),
        legal_id TEXT NOT NULL CHECK (length(legal_id) BETWEEN 1 AND 64),
        jurisdiction TEXT NOT NULL CHECK (length(jurisdiction) = 2),
        state TEXT NOT NULL CHECK (state IN (\(StoredEnum.list(IdentityV1.ParticipantState.self)))),
        verified_by BLOB REFERENCES participant (id),
        evidence TEXT NOT NULL,
        reason TEXT NOT NULL,
        create_time INTEGER NOT NULL,
        update_time INTEGER NOT NULL CHECK (update_time >= create_time)
      ) STRICT, WITHOUT ROWID;
      CREATE UNIQUE INDEX participant_legal_id ON participant (environment, legal_id)
        WHERE state <> 'PARTICIPANT_STATE_REJECTED';
      CREATE INDEX participant_state ON participant (state, id);

      CREATE TABLE participant_role (
        participant_id BLOB NOT NULL REFERENCES participant (id),
        role TEXT NOT NULL CHECK (role IN (\(StoredEnum.list(TypeV1.Role.self)))),
        PRIMARY KEY (participant_id, role)
      ) STRICT, WITHOUT ROWID;
      """)

  /// Throws `legalIDTaken` when a participant of the environment that was not rejected has the legal id.
  package static func insert(_ participant: Participant, _ db: Database) throws {
    let isTaken = try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM participant WHERE environment = ? AND legal_id = ?
            AND state <> 'PARTICIPANT_STATE_REJECTED')
          """),
      arguments: [try StoredEnum.text(participant.environment), participant.legalID])
    guard isTaken == false else { throw IdentityError.legalIDTaken }
    try db.cachedStatement(
      sql: """
        INSERT INTO participant (id, kind, environment, name_vi, name_en, legal_id, jurisdiction,
          state, verified_by, evidence, reason, create_time, update_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      participant.id, try StoredEnum.text(participant.kind),
      try StoredEnum.text(participant.environment), participant.name.vi, participant.name.en,
      participant.legalID, participant.jurisdiction, try StoredEnum.text(participant.state),
      participant.verifiedBy, participant.evidence, participant.reason, participant.createTime,
      participant.updateTime,
    ])
    try saveRoles(of: participant, db)
  }

  /// Writes what a rule may change: state, roles and the record of decisions.
  package static func update(_ participant: Participant, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        UPDATE participant SET state = ?, verified_by = ?, evidence = ?, reason = ?, update_time = ?
        WHERE id = ?
        """
    ).execute(arguments: [
      try StoredEnum.text(participant.state), participant.verifiedBy, participant.evidence,
      participant.reason, participant.updateTime, participant.id,
    ])
    guard db.changesCount == 1 else { throw IdentityError.participantNotFound }
    try saveRoles(of: participant, db)
  }

  /// Throws `participantNotFound`.
  package static func get(_ id: ParticipantID, _ db: Database) throws -> Participant {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM participant WHERE id = ?"), arguments: [id])
    guard let row else { throw IdentityError.participantNotFound }
    return try participant(row, db)
  }

  /// The one that was not rejected; nil when there is none.
  package static func find(
    legalID: String, environment: TypeV1.Environment, _ db: Database
  ) throws -> Participant? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT * FROM participant WHERE environment = ? AND legal_id = ?
          AND state <> 'PARTICIPANT_STATE_REJECTED'
          """), arguments: [try StoredEnum.text(environment), legalID]
    ).map { try participant($0, db) }
  }

  /// Oldest first, after `id`; of one state if given.
  package static func list(
    after id: ParticipantID?, state: IdentityV1.ParticipantState?, limit: Int, _ db: Database
  ) throws -> [Participant] {
    let start = id ?? ParticipantID(high: 0, low: 0)
    guard let state else {
      return try Row.fetchAll(
        db.cachedStatement(sql: "SELECT * FROM participant WHERE id > ? ORDER BY id LIMIT ?"),
        arguments: [start, limit]
      ).map { try participant($0, db) }
    }
    return try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT * FROM participant WHERE state = ? AND id > ? ORDER BY id LIMIT ?"),
      arguments: [try StoredEnum.text(state), start, limit]
    ).map { try participant($0, db) }
  }

  private static func saveRoles(of participant: Participant, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM participant_role WHERE participant_id = ?")
      .execute(arguments: [participant.id])
    let insert = try db.cachedStatement(
      sql: "INSERT INTO participant_role (participant_id, role) VALUES (?, ?)")
    for role in participant.roles {
      try insert.execute(arguments: [participant.id, try StoredEnum.text(role)])
    }
  }

  private static func participant(_ row: Row, _ db: Database) throws -> Participant {
    let id: ParticipantID = row["id"]
    let roles = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT role FROM participant_role WHERE participant_id = ?"),
      arguments: [id]
    ).map { try StoredEnum.value("role", of: $0) as TypeV1.Role }
    return Participant(
      id: id, kind: try StoredEnum.value("kind", of: row),
      environment: try StoredEnum.value("environment", of: row),
      name: TypeV1.LocalizedText(vi: row["name_vi"], en: row["name_en"]),
      legalID: row["legal_id"], jurisdiction: row["jurisdiction"], roles: Set(roles),
      state: try StoredEnum.value("state", of: row), verifiedBy: row["verified_by"],
      evidence: row["evidence"], reason: row["reason"], createTime: row["create_time"],
      updateTime: row["update_time"])
  }
}
