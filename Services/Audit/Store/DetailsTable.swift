package import AuditDomain
package import GRDB
import ServiceRuntime
import TransparencyLog

/// What an entry has to do with a subject.
enum PostingRole: Int64 {
  case about = 0
  case actor = 1
  /// Its details are sealed with the subject's key though they name nobody.
  case keeper = 2
}

/// Keeps the details of new entries, sealed, and makes them findable by actor and subjects: rows of `details`, `posting` and
/// `subject`. Its statements are prepared once; valid in the function that made it.
package struct DetailsInsertion {
  private let db: Database
  private let details: FastStatement
  private let posting: FastStatement
  private let subjects: SubjectCache

  package init(_ db: Database, knowing subjects: SubjectCache) throws {
    self.db = db
    self.subjects = subjects
    details = try FastStatement(
      db, "INSERT INTO details (idx, salt, ciphertext, subject_id) VALUES (?, ?, ?, ?)")
    posting = try FastStatement(
      db,
      """
      INSERT INTO posting (segment, subject_id, idx, role) VALUES (?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
  }

  /// Keeps the details under their holder's key, which is made when there is none.
  package func run(_ candidate: Candidate, at index: Int) throws {
    let contents = candidate.details
    let key = try key(of: candidate.holder)
    details.bind(Int64(index), at: 0)
    details.bind(candidate.salt, at: 1)
    details.bind(try candidate.sealed(with: key), at: 2)
    details.bind(key.id, at: 3)
    try details.run()
    for name in contents.subjects { try post(try subject(name).id, index, .about) }
    if !contents.actor.isEmpty { try post(try subject(contents.actor).id, index, .actor) }
    if contents.namesNobody { try post(key.id, index, .keeper) }
  }

  private func post(_ subject: Int64, _ index: Int, _ role: PostingRole) throws {
    posting.bind(Int64(PostingTable.segment(of: index)), at: 0)
    posting.bind(subject, at: 1)
    posting.bind(Int64(index), at: 2)
    posting.bind(role.rawValue, at: 3)
    try posting.run()
  }

  private func key(of name: String) throws -> SubjectKey {
    let subject = try subject(name)
    if let key = subject.key { return SubjectKey(id: subject.id, key: key) }
    let key = SubjectKey.makeBytes()
    try SubjectTable(db).setKey(key, of: subject.id)
    subjects.keep(StoredSubject(id: subject.id, key: key), as: name)
    return SubjectKey(id: subject.id, key: key)
  }

  private func subject(_ name: String) throws -> StoredSubject {
    if let known = subjects.find(name) { return known }
    let subject = try SubjectTable(db).find(name) ?? SubjectTable(db).insert(name)
    subjects.keep(subject, as: name)
    return subject
  }
}

extension EntryDetails {
  /// Whether there is nobody to find it by.
  var namesNobody: Bool { actor.isEmpty && subjects.isEmpty }
}
