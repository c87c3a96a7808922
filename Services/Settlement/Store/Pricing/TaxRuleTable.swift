package import GRDB
import Model
import ServiceRuntime
package import SettlementDomain

/// The rules of value-added tax, by version.
package struct TaxRuleTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Rules with versions above `after`, oldest first.
  package func list(after: Int32, limit: Int) throws -> [TaxRule] {
    try all("version > ? ORDER BY version LIMIT ?", [after, limit])
  }

  /// All that may apply to supplies from a jurisdiction.
  package func rules(of jurisdiction: String) throws -> [TaxRule] {
    try all("jurisdiction = ? AND approve_time IS NOT NULL", [jurisdiction])
  }

  package func find(_ version: Int32) throws -> TaxRule? {
    try all("version = ?", [version]).first
  }

  package func nextVersion() throws -> Int32 {
    (try Int32.fetchOne(db, sql: "SELECT MAX(version) FROM tax_rule") ?? 0) + 1
  }

  package func insert(_ rule: TaxRule) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO tax_rule (version, jurisdiction, supply, data_class, rate, exempt, valid_from,
          valid_until, legal_source, proposer_id, approver_id, approve_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      rule.version, rule.jurisdiction, rule.supply.rawValue, rule.dataClass.rawValue,
      rule.rateBasisPoints, rule.isExempt, rule.validFrom, rule.validUntil, rule.legalSource,
      rule.proposerID, rule.approverID, rule.approveTime,
    ])
  }

  /// Writes down an approval.
  package func approve(_ rule: TaxRule) throws {
    let statement = try db.cachedStatement(
      sql: "UPDATE tax_rule SET approver_id = ?, approve_time = ? WHERE version = ?")
    try statement.execute(arguments: [rule.approverID, rule.approveTime, rule.version])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [TaxRule] {
    let statement = try db.cachedStatement(sql: "SELECT * FROM tax_rule WHERE \(condition)")
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      TaxRule(
        version: row["version"], jurisdiction: row["jurisdiction"],
        supply: SettlementV1.TaxSupply(rawValue: row["supply"]),
        dataClass: CatalogV1.DataClass(rawValue: row["data_class"]),
        rateBasisPoints: row["rate"], isExempt: row["exempt"],
        validFrom: try row.time("valid_from"),
        validUntil: try row.decode(Timestamp?.self, forColumn: "valid_until"),
        legalSource: row["legal_source"], proposerID: try row.idIfPresent("proposer_id"),
        approverID: try row.idIfPresent("approver_id"),
        approveTime: try row.decode(Timestamp?.self, forColumn: "approve_time"))
    }
  }
}
