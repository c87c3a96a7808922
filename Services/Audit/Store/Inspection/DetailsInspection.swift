import AuditDomain
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Whether the details of an entry are those that it commits to, under the key of their holder, and found by all whom
/// they name.
struct DetailsInspection {
  private let db: Database

  init(_ db: Database) { self.db = db }

  func faults(at index: Int, of body: EntryBody) throws -> [LogFault] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT payload.salt, payload.ciphertext, payload.key_id, subject_key.key, subject_key.subject
        FROM payload LEFT JOIN subject_key ON subject_key.key_id = payload.key_id
        WHERE payload.idx = ?
        """)
    guard let row = try Row.fetchOne(statement, arguments: [index]) else {
      return try ErasureTable(db).isErased(index) ? [] : [.missing(.details, index)]
    }
    guard let key = Blob.fromDatabaseValue(row["key"]),
      let salt = Blob.fromDatabaseValue(row["salt"]), salt.bytes.count == LogLimits.saltBytes,
      let ciphertext = Blob.fromDatabaseValue(row["ciphertext"]), key.bytes.count == 32,
      let details = try? SubjectKey(id: row["key_id"], key: key.bytes)
        .open(ciphertext.bytes, of: body.eventID),
      details.commitment(salt: salt.bytes) == body.detailsHash,
      row["subject"] == SubjectKey.holder(of: details, producer: body.producer)
    else { return [.altered(.details, index)] }
    let isFound = try details.isFound { subject, isActor in try exists(subject, index, isActor) }
    return isFound ? [] : [.missing(.subject, index)]
  }

  private func exists(_ subject: String, _ index: Int, _ isActor: Bool) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: "SELECT 1 FROM subject_entry WHERE subject = ? AND idx = ? AND is_actor = ?")
    return try Int.fetchOne(statement, arguments: [subject, index, isActor]) != nil
  }
}

extension EntryDetails {
  /// Whether `exists` knows all whom the details name.
  fileprivate func isFound(_ exists: (String, Bool) throws -> Bool) rethrows -> Bool {
    guard try actor.isEmpty || exists(actor, true) else { return false }
    return try subjects.allSatisfy { try exists($0, false) }
  }
}
