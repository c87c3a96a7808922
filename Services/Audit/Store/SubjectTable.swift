package import GRDB
package import AuditDomain
import ServiceRuntime

/// Whom or what entries name.
struct StoredSubject: Sendable, Hashable {
  let id: Int64
  /// Nil until details are sealed with it.
  let key: [UInt8]?
}

/// Rows of `subject`: a short number for each name, and the key that its details are sealed with.
package struct SubjectTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  func find(_ name: String) throws -> StoredSubject? {
    let statement = try FastStatement(db, "SELECT subject_id, key FROM subject WHERE name = ?")
    statement.bind(name, at: 0)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return StoredSubject(
      id: statement.int64(0), key: statement.isNull(1) ? nil : Array(statement.bytes(1)))
  }

  func exists(_ id: Int64) throws -> Bool {
    let statement = try FastStatement(db, "SELECT 1 FROM subject WHERE subject_id = ?")
    statement.bind(id, at: 0)
    defer { statement.reset() }
    return try statement.step()
  }

  /// The key of a subject; nil when there is none.
  package func key(of name: String) throws -> SubjectKey? {
    guard let subject = try find(name), let key = subject.key else { return nil }
    return SubjectKey(id: subject.id, key: key)
  }

  func insert(_ name: String) throws -> StoredSubject {
    let statement = try FastStatement(db, "INSERT INTO subject (name) VALUES (?)")
    statement.bind(name, at: 0)
    try statement.run()
    return StoredSubject(id: db.lastInsertedRowID, key: nil)
  }

  func setKey(_ key: [UInt8], of id: Int64) throws {
    let statement = try FastStatement(db, "UPDATE subject SET key = ? WHERE subject_id = ?")
    statement.bind(key, at: 0)
    statement.bind(id, at: 1)
    try statement.runOnOneRow()
  }

  func delete(_ id: Int64) throws {
    try db.execute(sql: "DELETE FROM subject WHERE subject_id = ?", arguments: [id])
  }
}
