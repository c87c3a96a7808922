package import GRDB
package import Model
import ServiceRuntime

/// A checkpoint as it was signed and published.
package struct SignedCheckpoint: Sendable, Hashable {
  package let size: Int
  package let root: Digest
  /// The signed note, byte for byte.
  package let note: String

  package init(size: Int, root: Digest, note: String) {
    self.size = size
    self.root = root
    self.note = note
  }

  /// From the columns `size`, `root` and `note`.
  init(_ row: Row) throws {
    self.init(
      size: row["size"], root: try row.decode(Digest.self, forColumn: "root"), note: row["note"])
  }
}

/// A checkpoint as an inspection finds it; nothing of it is believed yet.
package struct StoredCheckpoint: Sendable, Hashable {
  package let size: Int
  /// Nil when it is none.
  package let root: Digest?
  package let note: [UInt8]
  /// Its place among the published ones: 1, 2, 3 without a gap.
  package let number: Int
}

/// Rows of `checkpoint`: every one ever published, at most one for each size.
package struct CheckpointTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// The newest; nil before the first.
  package func latest() throws -> SignedCheckpoint? {
    let statement = try db.cachedStatement(
      sql: "SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1")
    return try Row.fetchOne(statement).map { try SignedCheckpoint($0) }
  }

  /// The one of this size; nil when none was signed.
  package func at(_ size: Int) throws -> SignedCheckpoint? {
    let statement = try db.cachedStatement(
      sql: "SELECT size, root, note FROM checkpoint WHERE size = ?")
    return try Row.fetchOne(statement, arguments: [size]).map { try SignedCheckpoint($0) }
  }

  /// Those of sizes `first` to `last`, in order.
  package func list(from first: Int, to last: Int) throws -> [StoredCheckpoint] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT size, root, CAST(note AS BLOB) AS note, number FROM checkpoint
        WHERE size BETWEEN ? AND ? ORDER BY size
        """)
    return try Row.fetchAll(statement, arguments: [first, last]).map { row in
      StoredCheckpoint(
        size: row["size"], root: Digest.fromDatabaseValue(row["root"]),
        note: Blob.fromDatabaseValue(row["note"])?.bytes ?? [], number: row["number"])
    }
  }

  /// Keeps a checkpoint that is larger than all before. Throws a constraint error for one that is not.
  package func insert(_ checkpoint: SignedCheckpoint) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO checkpoint (size, root, note, number)
        SELECT ?1, ?2, ?3, COALESCE((SELECT number FROM checkpoint ORDER BY size DESC LIMIT 1), 0) + 1
        WHERE ?1 > (SELECT COALESCE(MAX(size), -1) FROM checkpoint)
        """
    ).execute(arguments: [checkpoint.size, checkpoint.root, checkpoint.note])
    guard db.changesCount == 1 else {
      throw LogCorruption("a checkpoint of size \(checkpoint.size) or more is signed already")
    }
  }
}
