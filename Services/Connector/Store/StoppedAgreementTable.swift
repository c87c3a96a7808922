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

  /// - Parameter instance: of settlement, by name; empty for one that owns everything.
  package func cursor(of instance: String) throws -> Int64 {
    try Int64.fetchOne(
      db, sql: "SELECT cursor FROM order_feed WHERE instance = ?", arguments: [instance]) ?? 0
  }

  package func setCursor(_ cursor: Int64, of instance: String) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO order_feed (instance, cursor) VALUES (?, ?)
        ON CONFLICT (instance) DO UPDATE SET cursor = excluded.cursor
        """
    ).execute(arguments: [instance, cursor])
  }
}
