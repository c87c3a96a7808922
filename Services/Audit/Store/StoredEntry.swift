import AuditDomain
import GRDB
import ServiceRuntime
package import TransparencyLog

/// An entry with what stands beside it, still sealed.
package struct StoredEntry: Sendable {
  /// A row of everything about an entry, as `init(_:)` reads it.
  static let selection = """
    SELECT \(EntryRow.columns), entry.idx, details.salt, details.ciphertext, details.subject_id, subject.key
    FROM entry LEFT JOIN details ON details.idx = entry.idx
    LEFT JOIN subject ON subject.subject_id = details.subject_id
    """

  package let index: Int
  package let bytes: [UInt8]
  package let body: EntryBody
  private let sealed: (salt: [UInt8], ciphertext: [UInt8], key: SubjectKey)?

  init(_ row: FastStatement) throws {
    let next = EntryRow.count
    index = Int(row.int64(next))
    guard let body = EntryBody(row, from: 0) else {
      throw LogCorruption("entry \(index) is altered")
    }
    self.body = body
    bytes = body.bytes
    let key = row.bytes(next + 4)
    if key.count == 32, !row.isNull(next + 1) {
      sealed = (
        Array(row.bytes(next + 1)), Array(row.bytes(next + 2)),
        SubjectKey(id: row.int64(next + 3), key: Array(row.bytes(next + 4)))
      )
    } else {
      sealed = nil
    }
  }

  /// Details and salt; nil once they have been erased.
  /// - Throws: `LogCorruption` when they are not the ones the entry commits to.
  package func details() throws -> (details: EntryDetails, salt: [UInt8])? {
    guard let sealed else { return nil }
    guard sealed.salt.count == LogLimits.saltBytes,
      let details = try? sealed.key.open(sealed.ciphertext, of: body.eventID),
      details.commitment(salt: sealed.salt) == body.detailsHash
    else { throw LogCorruption("the details of entry \(index) are altered") }
    return (details, sealed.salt)
  }
}
