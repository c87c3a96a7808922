package import GRDB
package import Model
import ServiceRuntime

/// The grants that were issued.
package struct GrantTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  package func isAnyIssued() throws -> Bool {
    try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM issued_grant)") ?? false
  }

  package func insert(
    _ id: GrantID, order: OrderID, certificate: Digest, from issueTime: Timestamp,
    until expireTime: Timestamp
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO issued_grant (id, order_number, certificate_sha256, issue_time, expire_time)
        VALUES (?, (SELECT number FROM orders WHERE id = ?), ?, ?, ?)
        """)
    try statement.execute(arguments: [id, order, certificate, issueTime, expireTime])
  }
}
