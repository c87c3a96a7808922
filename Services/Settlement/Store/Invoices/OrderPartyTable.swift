package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// Whom the invoices of orders name.
package struct OrderPartyTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Keeps the parties of an order that is paid now, once.
  package func insert(
    _ parties: InvoiceParties, of order: OrderID, paidAt now: Timestamp
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO order_party (order_number, seller, buyer, title, pay_time)
        VALUES ((SELECT number FROM orders WHERE id = ?), ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      order, try JSONText.write(parties.seller), try JSONText.write(parties.buyer),
      try JSONText.write(parties.title), now,
    ])
  }

  /// The parties of an order, and when it was paid; nil when that was before they were kept.
  package func find(_ order: OrderID) throws -> (parties: InvoiceParties, payTime: Timestamp)? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT * FROM order_party WHERE order_number = (SELECT number FROM orders WHERE id = ?)
        """)
    return try Row.fetchOne(statement, arguments: [order]).map { row in
      (try InvoiceParties(row), try row.time("pay_time"))
    }
  }
}
