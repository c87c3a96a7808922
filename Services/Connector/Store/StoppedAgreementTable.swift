package import GRDB
package import Model
import ServiceRuntime

/// Agreements that count no more, and how far settlement's orders were followed.
package struct StoppedAgreementTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func all() throws -> Set<AgreementID> {
    Set(try AgreementID.fetchAll(db, sql: "SELECT id FROM stopped_agreement"))
  }

  package func set(_ id: AgreementID, isStopped: Bool) throws {
    let sql =
      isStopped
      ? "INSERT INTO stopped_agreement (id) VALUES (?) ON CONFLICT (id) DO NOTHING"
      : "DELETE FROM stopped_agreement WHERE id = ?"
    try db.cachedStatement(sql: sql).execute(arguments: [id])
  }

  package func cursor() throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT cursor FROM order_cursor") ?? 0
  }

  package func setCursor(_ cursor: Int64) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO order_cursor (id, cursor) VALUES (1, ?)
        ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor
        """
    ).execute(arguments: [cursor])
  }
}
