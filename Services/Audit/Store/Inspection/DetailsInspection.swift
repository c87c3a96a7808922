import AuditDomain
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Whether the details of entries are those that they commit to, under the key of their holder, or are erased.
struct DetailsInspection {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Of entries in a row, and whom each of them names.
  func inspect(
    _ entries: [InspectedEntry]
  ) throws -> (faults: [LogFault], names: [PostingInspection.Names]) {
    guard let first = entries.first?.index else { return ([], []) }
    let erased = try ErasureTable(db).erased(in: first..<(first + entries.count))
    var faults: [LogFault] = []
    var names: [PostingInspection.Names] = []
    for entry in entries {
      guard let body = entry.trustedBody else {
        names.append(.unknown)
        continue
      }
      let isErased = erased.contains(entry.index)
      guard let row = try row(at: entry.index) else {
        names.append(isErased ? .erased : .unknown)
        if !isErased { faults.append(.missing(.details, entry.index)) }
        continue
      }
      if isErased { faults.append(.surplus(.details, entry.index)) }
      if let details = Self.details(row, of: body) {
        names.append(.known(details, holder: row["subject_id"]))
        faults += try ErasureInspection(db).faults(of: entry.index, body, details)
      } else {
        names.append(.unknown)
        faults.append(.altered(.details, entry.index))
      }
    }
    return (faults, names)
  }

  private func row(at index: Int) throws -> Row? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT details.salt, details.ciphertext, details.subject_id, subject.key, subject.name
        FROM details LEFT JOIN subject ON subject.subject_id = details.subject_id
        WHERE details.idx = ?
        """)
    return try Row.fetchOne(statement, arguments: [index])
  }

  /// Nil when they are altered.
  private static func details(_ row: Row, of body: EntryBody) -> EntryDetails? {
    guard let key = Blob.fromDatabaseValue(row["key"]), key.bytes.count == 32,
      let salt = Blob.fromDatabaseValue(row["salt"]), salt.bytes.count == LogLimits.saltBytes,
      let ciphertext = Blob.fromDatabaseValue(row["ciphertext"]),
      let details = try? SubjectKey(id: row["subject_id"], key: key.bytes)
        .open(ciphertext.bytes, of: body.eventID),
      details.commitment(salt: salt.bytes) == body.detailsHash,
      row["name"] == SubjectKey.holder(of: details, producer: body.producer)
    else { return nil }
    return details
  }
}
