import Crypto
package import GRDB
package import Model
import ServiceRuntime
import TransparencyLog

/// An erasure that was done.
package struct StoredErasure: Sendable, Hashable {
  /// The kind of the entries that tell of erasures.
  package static let kind = "subject.erased"
  /// Who reports them.
  package static let producer = "audit"

  /// The entry that tells of it.
  package let index: Int
  package let subjectHash: Digest
  /// Entries whose details are gone.
  package let entries: Int
  package let time: Timestamp

  /// What is kept of whom an erasure was about.
  package static func hash(of subject: String) -> Digest {
    Digest.sha256(of: Array("ndx.audit.erasure/v1\n\(subject)".utf8))
  }
}

/// Rows of `erasure` and `erased_entry`, and the erasing itself.
package struct ErasureTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Has SQLite overwrite with zeros what is deleted from now on, and what it moves within its pages.
  package func overwriteWhatIsDeleted() throws {
    try db.execute(sql: "PRAGMA secure_delete = ON")
  }

  /// The entries whose details name the subject or are sealed with its key.
  package func entries(naming subject: String) throws -> [Int] {
    guard let stored = try SubjectTable(db).find(subject) else { return [] }
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM details WHERE idx = ?")
    return try PostingTable(db).all(of: stored.id, size: EntryTable(db).size()).filter { index in
      try Int.fetchOne(statement, arguments: [index]) != nil
    }
  }

  /// Deletes salt and ciphertext of these entries, which must be all that name the subject, the subject's key, and the
  /// rows by which it is found.
  package func erase(_ entries: [Int], of subject: String, toldBy index: Int, at time: Timestamp)
    throws -> StoredErasure
  {
    let erasure = StoredErasure(
      index: index, subjectHash: StoredErasure.hash(of: subject), entries: entries.count,
      time: time)
    try db.execute(
      sql: "INSERT INTO erasure (idx, subject_hash, entries, time) VALUES (?, ?, ?, ?)",
      arguments: [index, erasure.subjectHash, entries.count, time])
    let details = try db.cachedStatement(sql: "DELETE FROM details WHERE idx = ?")
    let note = try db.cachedStatement(
      sql: "INSERT INTO erased_entry (idx, erasure) VALUES (?, ?)")
    for entry in entries {
      try details.execute(arguments: [entry])
      try note.execute(arguments: [entry, index])
    }
    if let stored = try SubjectTable(db).find(subject) {
      try PostingTable(db).delete(stored.id, size: EntryTable(db).size())
      try SubjectTable(db).delete(stored.id)
    }
    return erasure
  }

  /// Erasures after an index, or from the first, in order.
  package func list(subject: String, after: Int?, limit: Int) throws -> [StoredErasure] {
    let hash = subject.isEmpty ? nil : StoredErasure.hash(of: subject)
    return try Row.fetchAll(
      db,
      sql: """
        SELECT idx, subject_hash, entries, time FROM erasure
        WHERE idx > ?1 AND (?2 IS NULL OR subject_hash = ?2) ORDER BY idx LIMIT ?3
        """, arguments: [after ?? -1, hash, limit]
    ).map { row in
      StoredErasure(
        index: row["idx"], subjectHash: try row.decode(Digest.self, forColumn: "subject_hash"),
        entries: row["entries"], time: try row.decode(Timestamp.self, forColumn: "time"))
    }
  }

  /// Of a range of entries those whose details are erased, as an entry of the log says.
  func erased(in range: Range<Int>) throws -> Set<Int> {
    let statement = try db.cachedStatement(
      sql: """
        SELECT erased_entry.idx FROM erased_entry JOIN entry ON entry.idx = erased_entry.erasure
        WHERE erased_entry.idx >= ? AND erased_entry.idx < ? AND entry.kind = ? AND entry.producer = ?
        """)
    return try Int.fetchSet(
      statement,
      arguments: [
        range.lowerBound, range.upperBound, StoredErasure.kind, StoredErasure.producer,
      ])
  }
}
