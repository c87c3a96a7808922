package import GRDB
package import Model
import ServiceRuntime

/// A key that signs tokens and the revocation feed.
package struct SigningKeyRow: Sendable, Hashable {
  package let id: String
  package let publicKey: [UInt8]
  /// The key under the database's key; nil once it signs no more.
  package let sealedKey: [UInt8]?
  package let createTime: Timestamp

  package init(id: String, publicKey: [UInt8], sealedKey: [UInt8]?, createTime: Timestamp) {
    self.id = id
    self.publicKey = publicKey
    self.sealedKey = sealedKey
    self.createTime = createTime
  }
}

/// Token signing keys: private until they have signed, public until they are no longer published.
package enum SigningKeyTable {
  static let migration = Migration(
    "signing keys",
    sql: """
      CREATE TABLE signing_key (
        id TEXT PRIMARY KEY CHECK (length(id) = 43),
        public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 91),
        sealed_key BLOB,
        create_time INTEGER NOT NULL
      ) STRICT;
      """)

  package static func insert(_ key: SigningKeyRow, _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO signing_key (id, public_key, sealed_key, create_time) VALUES (?, ?, ?, ?)",
      arguments: [key.id, Blob(key.publicKey), key.sealedKey.map(Blob.init), key.createTime])
  }

  /// Oldest first.
  package static func list(_ db: Database) throws -> [SigningKeyRow] {
    try Row.fetchAll(db, sql: "SELECT * FROM signing_key ORDER BY create_time, id").map { row in
      SigningKeyRow(
        id: row["id"], publicKey: (row["public_key"] as Blob).bytes,
        sealedKey: (row["sealed_key"] as Blob?)?.bytes, createTime: row["create_time"])
    }
  }

  /// Forgets the private half of a key that signs no more.
  package static func erasePrivate(_ id: String, _ db: Database) throws {
    try db.execute(sql: "UPDATE signing_key SET sealed_key = NULL WHERE id = ?", arguments: [id])
  }

  /// Forgets a key that is no longer published.
  package static func delete(_ id: String, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM signing_key WHERE id = ?", arguments: [id])
  }
}
