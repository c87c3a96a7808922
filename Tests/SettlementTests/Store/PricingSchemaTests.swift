import GRDB
import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Testing

struct PricingSchemaTests {
  @Test(arguments: [
    "UPDATE tax_rule SET rate = 500 WHERE version = 1", "DELETE FROM tax_rule",
    "UPDATE tax_rule SET approve_time = 1 WHERE version = 1",
    """
    INSERT INTO tax_rule (version, jurisdiction, supply, data_class, rate, exempt, valid_from,
      legal_source) VALUES (9, 'VN', 1, 0, 500, 1, 1, 'exempt and taxed')
    """,
    """
    INSERT INTO tax_rule (version, jurisdiction, supply, data_class, rate, exempt, valid_from,
      legal_source, proposer_id, approver_id, approve_time)
    VALUES (9, 'VN', 1, 0, 500, 0, 1, 'by one officer', zeroblob(16), zeroblob(16), 1)
    """,
    "UPDATE order_price SET tax = 1", "DELETE FROM order_price",
  ])
  func brokenInvariantIsRefused(sql: String) async throws {
    let ledger = try TestLedger()
    try await ledger.database.write { db in
      try OrderTable(db).insert(TradeSamples.order())
      try db.execute(
        sql: """
          INSERT INTO order_price (order_number, model, pricing, tax_rule, tax_rate, tax)
          VALUES (1, 2, '{}', 1, 1000, 200000)
          """)
    }
    await #expect(throws: DatabaseError.self) {
      try await ledger.database.write { try $0.execute(sql: sql) }
    }
  }
}
