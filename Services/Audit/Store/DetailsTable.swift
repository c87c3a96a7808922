package import AuditDomain
package import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Rows of `payload` and `subject_key`: the details of entries, sealed, and the keys that open them.
package struct DetailsTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Seals and keeps the details of an entry under its holder's key, which is made when there is none,
  /// and makes the entry findable by its actor and subjects.
  package func insert(_ candidate: Candidate, at index: Int) throws {
    let details = candidate.details
    let key = try key(of: SubjectKey.holder(of: details, producer: candidate.body.producer))
    let sealed = try key.seal(details, of: candidate.body.eventID)
    try db.cachedStatement(
      sql: "INSERT INTO payload (idx, salt, ciphertext, key_id) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [index, Blob(candidate.salt), Blob(sealed), key.id])
    let statement = try db.cachedStatement(
      sql: "INSERT OR IGNORE INTO subject_entry (subject, idx, is_actor) VALUES (?, ?, ?)")
    for subject in details.subjects {
      try statement.execute(arguments: [subject, index, false])
    }
    if !details.actor.isEmpty {
      try statement.execute(arguments: [details.actor, index, true])
    }
  }

  private func key(of subject: String) throws -> SubjectKey {
    let statement = try db.cachedStatement(
      sql: "SELECT key_id, key FROM subject_key WHERE subject = ?")
    if let row = try Row.fetchOne(statement, arguments: [subject]) {
      return SubjectKey(
        id: row["key_id"], key: try row.decode(Blob.self, forColumn: "key").bytes)
    }
    let key = SubjectKey.makeBytes()
    try db.cachedStatement(sql: "INSERT INTO subject_key (subject, key) VALUES (?, ?)")
      .execute(arguments: [subject, Blob(key)])
    return SubjectKey(id: db.lastInsertedRowID, key: key)
  }
}
