package import AuditDomain
package import GRDB
package import Model
import ServiceRuntime
import TransparencyLog

/// Rows of `entry`, and `producer_seq`, which says where each producer stands.
package struct EntryTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Entries stored; their indexes are 0 up to it.
  package func size() throws -> Int {
    let statement = try db.cachedStatement(sql: "SELECT COALESCE(MAX(idx) + 1, 0) FROM entry")
    return try Int.fetchOne(statement) ?? 0
  }

  /// The number that the producer's next event has.
  package func nextSequence(of producer: String) throws -> Int64 {
    let statement = try FastStatement(db, "SELECT next FROM producer_seq WHERE producer = ?")
    statement.bind(producer, at: 0)
    guard try statement.step() else { return 1 }
    defer { statement.reset() }
    return statement.int64(0)
  }

  package func setNextSequence(_ next: Int64, of producer: String) throws {
    let statement = try FastStatement(
      db,
      """
      INSERT INTO producer_seq (producer, next) VALUES (?, ?)
      ON CONFLICT (producer) DO UPDATE SET next = excluded.next
      """)
    statement.bind(producer, at: 0)
    statement.bind(next, at: 1)
    try statement.run()
  }

  /// Where an event is; nil when it is not in the log.
  package func index(of event: EventID) throws -> Int? {
    let statement = try FastStatement(db, "SELECT idx FROM entry WHERE event_id = ?")
    statement.bind(event, at: 0)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return Int(statement.int64(0))
  }

  /// What the log holds under the event's id, to compare a retry with; nil when nothing.
  package func known(_ event: EventID) throws -> KnownEvent? {
    let statement = try FastStatement(
      db,
      """
      SELECT \(EntryRow.columns), entry.idx, details.salt FROM entry
      LEFT JOIN details ON details.idx = entry.idx WHERE entry.event_id = ?
      """)
    statement.bind(event, at: 0)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    let index = Int(statement.int64(EntryRow.count))
    let salt = EntryRow.count + 1
    guard let body = EntryBody(statement, from: 0),
      let leafHash = statement.digest(EntryRow.count - 1)
    else { throw LogCorruption("entry \(index) is altered") }
    return KnownEvent(
      index: index, leafHash: leafHash, body: body,
      salt: statement.isNull(salt) ? nil : Array(statement.bytes(salt)))
  }

  /// The entry at an index; nil when the log does not reach it.
  package func body(at index: Int) throws -> [UInt8]? {
    try index == .max ? nil : bodies(from: index, to: index + 1).first
  }

  /// Entries `[start, end)`, as far as there are any.
  package func bodies(from start: Int, to end: Int) throws -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    try forEach(from: start, to: end) { _, body, _ in bodies.append(body.bytes) }
    return bodies
  }

  /// The leaf hashes of entries `[start, end)`, from their bytes.
  /// - Throws: `LogCorruption` when one is missing, or has another leaf hash beside it.
  package func leafHashes(from start: Int, to end: Int) throws -> [Digest] {
    var hashes: [Digest] = []
    hashes.reserveCapacity(end - start)
    try forEach(from: start, to: end) { index, body, noted in
      guard index == start + hashes.count else {
        throw LogCorruption("entry \(start + hashes.count) is missing")
      }
      let hash = MerkleHash.leaf(body.bytes)
      guard hash == noted else { throw LogCorruption("entry \(index) is altered") }
      hashes.append(hash)
    }
    guard hashes.count == end - start else {
      throw LogCorruption("entry \(start + hashes.count) is missing")
    }
    return hashes
  }

  private func forEach(
    from start: Int, to end: Int, _ body: (Int, EntryBody, Digest?) throws -> Void
  ) throws {
    let statement = try FastStatement(
      db,
      "SELECT \(EntryRow.columns), idx FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx")
    statement.bind(Int64(start), at: 0)
    statement.bind(Int64(end), at: 1)
    defer { statement.reset() }
    while try statement.step() {
      let index = Int(statement.int64(EntryRow.count))
      guard let entry = EntryBody(statement, from: 0) else {
        throw LogCorruption("entry \(index) is altered")
      }
      try body(index, entry, statement.digest(EntryRow.count - 1))
    }
  }
}
