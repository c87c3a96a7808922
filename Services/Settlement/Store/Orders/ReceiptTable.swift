package import GRDB
package import Model
import ServiceRuntime

/// The receipts that proved deliveries: one for an order.
package struct ReceiptTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// The statement of the order's receipt, exactly as signed; nil while there is none.
  package func statement(of order: OrderID) throws -> [UInt8]? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT statement FROM receipt
        WHERE order_number = (SELECT number FROM orders WHERE id = ?)
        """)
    return try Blob.fetchOne(statement, arguments: [order])?.bytes
  }

  /// Whether a receipt of this id was taken before, for whatever order.
  package func isTaken(_ id: ReceiptID) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM receipt WHERE id = ?")
    return try Int.fetchOne(statement, arguments: [id]) != nil
  }

  /// - Parameter document: the whole receipt in wire form.
  package func insert(
    _ id: ReceiptID, order: OrderID, statement: [UInt8], document: [UInt8], at now: Timestamp
  ) throws {
    let insertion = try db.cachedStatement(
      sql: """
        INSERT INTO receipt (id, order_number, statement, document, create_time)
        VALUES (?, (SELECT number FROM orders WHERE id = ?), ?, ?, ?)
        """)
    try insertion.execute(arguments: [id, order, Blob(statement), Blob(document), now])
  }
}
