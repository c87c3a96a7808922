package import GRDB
package import Model
import ServiceRuntime
import SettlementDomain

/// The consents that orders rest on.
package struct OrderConsentTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// The orders that rest on a consent and have not been paid or have an agreement that goes on, oldest first.
  package func orders(on consent: ConsentID) throws -> [OrderID] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id FROM order_consent JOIN orders ON number = order_number
        WHERE consent_id = ? AND (orders.state = 2 OR EXISTS (
          SELECT 1 FROM agreement
          WHERE agreement.order_number = number AND agreement.state IN (1, 2)))
        ORDER BY order_consent.order_number
        """)
    return try OrderID.fetchAll(statement, arguments: [consent])
  }

  func insert(_ consents: [OrderConsent], of number: Int64) throws {
    for (position, consent) in consents.enumerated() {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO order_consent (order_number, position, consent_id, subject_id, environment,
            expire_time)
          VALUES (?, ?, ?, ?, ?, ?)
          """)
      try statement.execute(arguments: [
        number, position, consent.id, consent.subjectID, consent.environment.rawValue,
        consent.expires,
      ])
    }
  }

  func find(_ number: Int64) throws -> [OrderConsent] {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM order_consent WHERE order_number = ? ORDER BY position")
    return try Row.fetchAll(statement, arguments: [number]).map { row in
      OrderConsent(
        id: try row.id("consent_id"), subjectID: try row.id("subject_id"),
        environment: try row.value("environment"), expires: try row.time("expire_time"))
    }
  }
}
