import Foundation
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `revision` and `grant_keys`: what the connector has learnt from the exchange.
package struct KnownTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func revision(_ id: RevisionID) throws -> CatalogV1.Revision? {
    let statement = try db.cachedStatement(sql: "SELECT revision FROM revision WHERE id = ?")
    guard let text = try String.fetchOne(statement, arguments: [id]) else { return nil }
    return try JSONDecoder().decode(CatalogV1.Revision.self, from: Data(text.utf8))
  }

  /// Revisions never change: one that is there stays.
  package func insert(_ revision: CatalogV1.Revision, manifest: Digest, at now: Timestamp) throws {
    let text = String(decoding: try JSONEncoder().encode(revision), as: UTF8.self)
    try db.cachedStatement(
      sql: """
        INSERT INTO revision (id, manifest_sha256, revision, fetch_time) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO NOTHING
        """
    ).execute(arguments: [revision.id, manifest, text, now])
  }

  package func grantKeys() throws -> String? {
    try String.fetchOne(db, sql: "SELECT jwks FROM grant_keys")
  }

  package func store(grantKeys jwks: String, at now: Timestamp) throws {
    try db.execute(
      sql: """
        INSERT INTO grant_keys (id, jwks, fetch_time) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET jwks = excluded.jwks, fetch_time = excluded.fetch_time
        """, arguments: [jwks, now])
  }
}
