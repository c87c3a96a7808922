import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// How the prices of orders were formed and taxed.
struct OrderPriceTable {
  let db: Database

  init(_ db: Database) { self.db = db }

  /// Writes what an order froze; nothing for a free one.
  func insert(_ terms: OrderTerms, of number: Int64) throws {
    guard let pricing = terms.pricing, let tax = terms.tax else { return }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO order_price (order_number, model, pricing, tax_rule, tax_rate, tax)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      number, pricing.model.rawValue, try JSONText.write(pricing), tax.ruleVersion,
      tax.rateBasisPoints, tax.amount.minorUnits,
    ])
  }

  func find(_ number: Int64, in currency: Currency) throws -> (CatalogV1.Price, OrderTax)? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM order_price WHERE order_number = ?")
    return try Row.fetchOne(statement, arguments: [number]).map { row in
      (
        try JSONText.read(row["pricing"]),
        OrderTax(
          ruleVersion: row["tax_rule"], rateBasisPoints: row["tax_rate"],
          amount: Money(currency: currency, minorUnits: row["tax"]))
      )
    }
  }
}
