import AuditDomain
package import GRDB
package import Model
import ServiceRuntime
package import TransparencyLog

/// An entry with what stands beside it, still sealed.
package struct StoredEntry: Sendable {
  package let index: Int
  package let bytes: [UInt8]
  package let body: EntryBody
  private let sealed: (salt: [UInt8], ciphertext: [UInt8], key: SubjectKey)?

  init(row: Row) throws {
    index = row["idx"]
    bytes = try row.decode(Blob.self, forColumn: "body").bytes
    body = try EntryBody(stored: bytes, at: index)
    let key: Blob? = row["key"]
    let ciphertext: Blob? = row["ciphertext"]
    let salt: Blob? = row["salt"]
    if let key, let ciphertext, let salt {
      sealed = (salt.bytes, ciphertext.bytes, SubjectKey(id: row["key_id"], key: key.bytes))
    } else {
      sealed = nil
    }
  }

  /// Details and salt; nil once they have been erased.
  /// - Throws: `LogCorruption` when they are not the ones the entry commits to.
  package func details() throws -> (details: EntryDetails, salt: [UInt8])? {
    guard let sealed else { return nil }
    guard let details = try? sealed.key.open(sealed.ciphertext, of: body.eventID),
      details.commitment(salt: sealed.salt) == body.detailsHash
    else { throw LogCorruption("the details of entry \(index) are altered") }
    return (details, sealed.salt)
  }
}

/// Which entries to list; empty and nil parts do not narrow.
package struct EntryFilter: Sendable, Hashable {
  package var subject = ""
  package var actor = ""
  package var kind = ""
  package var isAccepted: Bool?
  package var start: Timestamp?
  package var end: Timestamp?
  /// Only entries that each of these caused or that are about it.
  package var involved: [String] = []
  /// Only entries below this index.
  package var size: Int?

  package init() {}
}

/// Finds entries by what they are about.
package struct EntrySearch {
  private static let columns = """
    SELECT entry.idx, entry.body, payload.salt, payload.ciphertext, payload.key_id, subject_key.key
    FROM entry LEFT JOIN payload ON payload.idx = entry.idx
    LEFT JOIN subject_key ON subject_key.key_id = payload.key_id
    """
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func entry(at index: Int) throws -> StoredEntry? {
    let statement = try db.cachedStatement(sql: "\(Self.columns) WHERE entry.idx = ?")
    return try Row.fetchOne(statement, arguments: [index]).map { try StoredEntry(row: $0) }
  }

  /// Entries after an index, or from the first, in order.
  package func list(_ filter: EntryFilter, after: Int?, limit: Int) throws -> [StoredEntry] {
    var conditions = ["entry.idx > ?"]
    var arguments: [any DatabaseValueConvertible] = [after ?? -1]
    func require(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      conditions.append(condition)
      arguments.append(value)
    }
    func text(_ text: String) -> String? { text.isEmpty ? nil : text }
    require("entry.idx < ?", filter.size)
    let mentioned = "entry.idx IN (SELECT idx FROM subject_entry WHERE subject = ?"
    require("\(mentioned) AND is_actor = 0)", text(filter.subject))
    require("\(mentioned) AND is_actor = 1)", text(filter.actor))
    for involved in filter.involved { require("\(mentioned))", involved) }
    require("entry.kind = ?", text(filter.kind))
    if let isAccepted = filter.isAccepted {
      // No other member of an entry can hold these characters; `entry_refused` is made for them.
      let outcome = isAccepted ? "accepted" : "refused"
      conditions.append("instr(entry.body, '\"outcome\":\"\(outcome)\"') > 0")
    }
    require("entry.time >= ?", filter.start)
    require("entry.time < ?", filter.end)
    arguments.append(limit)
    let statement = try db.cachedStatement(
      sql: """
        \(Self.columns) WHERE \(conditions.joined(separator: " AND "))
        ORDER BY entry.idx LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: StatementArguments(arguments))
      .map { try StoredEntry(row: $0) }
  }
}
