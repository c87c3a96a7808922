package import GRDB
package import Model
import ServiceRuntime

/// A certificate of an authority. The root has no key here.
package struct AuthorityRow: Sendable, Hashable {
  package let serial: String
  package let isRoot: Bool
  package let certificateDER: [UInt8]
  /// The key under the database's key; nil for the root.
  package let sealedKey: [UInt8]?
  package let notBefore: Timestamp
  package let notAfter: Timestamp

  package init(
    serial: String, isRoot: Bool, certificateDER: [UInt8], sealedKey: [UInt8]?,
    notBefore: Timestamp, notAfter: Timestamp
  ) {
    self.serial = serial
    self.isRoot = isRoot
    self.certificateDER = certificateDER
    self.sealedKey = sealedKey
    self.notBefore = notBefore
    self.notAfter = notAfter
  }
}

/// The roots and issuing authorities of the exchange.
package enum AuthorityTable {
  static let migration = Migration(
    "authorities",
    sql: """
      CREATE TABLE authority (
        serial TEXT PRIMARY KEY CHECK (length(serial) BETWEEN 2 AND 40),
        is_root INTEGER NOT NULL CHECK (is_root IN (0, 1)),
        certificate BLOB NOT NULL UNIQUE,
        sealed_key BLOB,
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL CHECK (not_after > not_before),
        CHECK (is_root = (sealed_key IS NULL))
      ) STRICT;
      """)

  package static func insert(_ authority: AuthorityRow, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO authority (serial, is_root, certificate, sealed_key, not_before, not_after)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        authority.serial, authority.isRoot, Blob(authority.certificateDER),
        authority.sealedKey.map(Blob.init), authority.notBefore, authority.notAfter,
      ])
  }

  /// Those that have not ended at `now`, oldest first.
  package static func list(at now: Timestamp, _ db: Database) throws -> [AuthorityRow] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM authority WHERE not_after > ? ORDER BY not_before, serial",
      arguments: [now]
    ).map { row in
      AuthorityRow(
        serial: row["serial"], isRoot: row["is_root"],
        certificateDER: (row["certificate"] as Blob).bytes,
        sealedKey: (row["sealed_key"] as Blob?)?.bytes, notBefore: row["not_before"],
        notAfter: row["not_after"])
    }
  }
}
