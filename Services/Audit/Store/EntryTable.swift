package import AuditDomain
package import GRDB
package import Model
import ServiceRuntime
package import TransparencyLog

/// Rows of `entry`, with `idem` and `producer_seq`, which say what came from whom.
package struct EntryTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ body: EntryBody, _ entry: [UInt8], leafHash: Digest, at index: Int) throws {
    try db.cachedStatement(sql: "INSERT INTO entry (idx, body, kind, time) VALUES (?, ?, ?, ?)")
      .execute(arguments: [index, Blob(entry), body.kind, body.time])
    try db.cachedStatement(
      sql: "INSERT INTO idem (event_id, producer, body_hash, idx) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [body.eventID, body.producer, leafHash, index])
  }

  /// Entries stored; their indexes are 0 up to it.
  package func size() throws -> Int {
    let statement = try db.cachedStatement(sql: "SELECT COALESCE(MAX(idx) + 1, 0) FROM entry")
    return try Int.fetchOne(statement) ?? 0
  }

  /// The number that the producer's next event has.
  package func nextSequence(of producer: String) throws -> Int64 {
    let statement = try db.cachedStatement(sql: "SELECT next FROM producer_seq WHERE producer = ?")
    return try Int64.fetchOne(statement, arguments: [producer]) ?? 1
  }

  package func setNextSequence(_ next: Int64, of producer: String) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO producer_seq (producer, next) VALUES (?, ?)
        ON CONFLICT (producer) DO UPDATE SET next = excluded.next
        """
    ).execute(arguments: [producer, next])
  }

  /// Where an event is; nil when it is not in the log.
  package func index(of event: EventID) throws -> Int? {
    let statement = try db.cachedStatement(sql: "SELECT idx FROM idem WHERE event_id = ?")
    return try Int.fetchOne(statement, arguments: [event])
  }

  /// What the log holds under the event's id, to compare a retry with; nil when nothing.
  package func known(_ event: EventID) throws -> KnownEvent? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT idem.idx, idem.body_hash, entry.body, payload.salt FROM idem
        JOIN entry ON entry.idx = idem.idx LEFT JOIN payload ON payload.idx = idem.idx
        WHERE idem.event_id = ?
        """)
    guard let row = try Row.fetchOne(statement, arguments: [event]) else { return nil }
    let salt: Blob? = row["salt"]
    let index: Int = row["idx"]
    return KnownEvent(
      index: index, leafHash: try row.decode(Digest.self, forColumn: "body_hash"),
      body: try EntryBody(stored: row.decode(Blob.self, forColumn: "body").bytes, at: index),
      salt: salt?.bytes)
  }

  /// The entry at an index; nil when the log does not reach it.
  package func body(at index: Int) throws -> [UInt8]? {
    let statement = try db.cachedStatement(sql: "SELECT body FROM entry WHERE idx = ?")
    return try Blob.fetchOne(statement, arguments: [index])?.bytes
  }

  /// Entries `[start, end)`, as far as there are any.
  package func bodies(from start: Int, to end: Int) throws -> [[UInt8]] {
    let statement = try db.cachedStatement(
      sql: "SELECT body FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx")
    return try Blob.fetchAll(statement, arguments: [start, end]).map(\.bytes)
  }

  /// The leaf hashes of entries `[start, end)`, from their bytes.
  /// - Throws: `LogCorruption` when one is missing, or its columns are not what its bytes say.
  package func leafHashes(from start: Int, to end: Int) throws -> [Digest] {
    let statement = try db.cachedStatement(
      sql: "SELECT idx, body, kind, time FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx")
    var hashes: [Digest] = []
    let rows = try Row.fetchCursor(statement, arguments: [start, end])
    while let row = try rows.next() {
      let expected = start + hashes.count
      guard row["idx"] == expected else { throw LogCorruption("entry \(expected) is missing") }
      let bytes = try row.decode(Blob.self, forColumn: "body").bytes
      let body = try EntryBody(stored: bytes, at: expected)
      guard row["kind"] == body.kind, row["time"] == body.time.microseconds else {
        throw LogCorruption("entry \(expected) is altered")
      }
      hashes.append(MerkleHash.leaf(bytes))
    }
    guard hashes.count == end - start else {
      throw LogCorruption("entry \(start + hashes.count) is missing")
    }
    return hashes
  }
}
