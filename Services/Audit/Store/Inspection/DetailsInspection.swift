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
        SELECT details.salt, details.ciphertext, details.subject_id, subject.key, subject.name
        FROM details LEFT JOIN subject ON subject.subject_id = details.subject_id
        WHERE details.idx = ?
        """)
    guard let row = try Row.fetchOne(statement, arguments: [index]) else {
      return try ErasureTable(db).isErased(index) ? [] : [.missing(.details, index)]
    }
    guard let key = Blob.fromDatabaseValue(row["key"]),
      let salt = Blob.fromDatabaseValue(row["salt"]), salt.bytes.count == LogLimits.saltBytes,
      let ciphertext = Blob.fromDatabaseValue(row["ciphertext"]), key.bytes.count == 32,
      let details = try? SubjectKey(id: row["subject_id"], key: key.bytes)
        .open(ciphertext.bytes, of: body.eventID),
      details.commitment(salt: salt.bytes) == body.detailsHash,
      row["name"] == SubjectKey.holder(of: details, producer: body.producer)
    else { return [.altered(.details, index)] }
    let postings = PostingTable(db)
    let isFound =
      if details.namesNobody {
        try postings.exists(row["subject_id"], index, .keeper)
      } else {
        try details.isFound { name, role in
          guard let subject = try SubjectTable(db).find(name) else { return false }
          return try postings.exists(subject.id, index, role)
        }
      }
    return isFound ? [] : [.missing(.subject, index)]
  }
}

extension EntryDetails {
  /// Whether `exists` knows all whom the details name.
  fileprivate func isFound(_ exists: (String, PostingRole) throws -> Bool) rethrows -> Bool {
    guard try actor.isEmpty || exists(actor, .actor) else { return false }
    return try subjects.allSatisfy { try exists($0, .about) }
  }
}
