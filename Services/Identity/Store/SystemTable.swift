package import GRDB
package import Model
import ServiceRuntime

/// The client systems of participants: one for each name.
package enum SystemTable {
  static let migration = Migration(
    "systems",
    sql: """
      CREATE TABLE system (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        participant_id BLOB NOT NULL REFERENCES participant (id),
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
        create_time INTEGER NOT NULL,
        UNIQUE (participant_id, name)
      ) STRICT, WITHOUT ROWID;
      """)

  /// The participant's system of this name, made when it is not there yet.
  package static func findOrMake(
    _ name: String, of participant: ParticipantID, at now: Timestamp, _ db: Database
  ) throws -> SystemID {
    let known = try SystemID.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM system WHERE participant_id = ? AND name = ?"),
      arguments: [participant, name])
    if let known { return known }
    let id = SystemID.make(at: now)
    try db.cachedStatement(
      sql: "INSERT INTO system (id, participant_id, name, create_time) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [id, participant, name, now])
    return id
  }
}
