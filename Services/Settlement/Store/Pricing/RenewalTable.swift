package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// How far subscriptions that renew are paid, and every payment of a period after the first.
package struct RenewalTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Orders about whose renewal something is to be done, longest due first.
  package func due(at now: Timestamp, limit: Int) throws -> [OrderID] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id FROM renewal JOIN orders ON number = order_number
        WHERE next_time <= ? ORDER BY next_time, order_number LIMIT ?
        """)
    return try OrderID.fetchAll(statement, arguments: [now, limit])
  }

  /// When something is to be done next after `now`; nil when there is nothing.
  package func nextTime(after now: Timestamp) throws -> Timestamp? {
    let statement = try db.cachedStatement(
      sql: "SELECT MIN(next_time) FROM renewal WHERE next_time > ?")
    return try Timestamp.fetchOne(statement, arguments: [now])
  }

  /// Writes the payment of the next period; each once.
  package func insert(_ payment: RenewalPayment, of order: OrderID, at now: Timestamp) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO renewal_payment (order_number, period, period_start, period_end, transfer,
          tax_rule, tax_rate, tax, create_time)
        VALUES ((SELECT number FROM orders WHERE id = ?), ?, ?, ?,
          (SELECT number FROM transfer WHERE id = ?), ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      order, payment.period, payment.start, payment.end, payment.transferID,
      payment.tax.ruleVersion, payment.tax.rateBasisPoints, payment.tax.amount.minorUnits, now,
    ])
  }

  func find(_ number: Int64) throws -> Renewal? {
    let statement = try db.cachedStatement(sql: "SELECT * FROM renewal WHERE order_number = ?")
    return try Row.fetchOne(statement, arguments: [number]).map { row in
      Renewal(
        startTime: try row.time("start_time"), period: row["period"],
        periodStart: try row.time("period_start"), periodEnd: try row.time("period_end"),
        lastPeriod: row["last_period"],
        nextTime: try row.decode(Timestamp?.self, forColumn: "next_time"),
        refusal: row["refusal"])
    }
  }

  func save(_ renewal: Renewal, of number: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO renewal (order_number, start_time, period, period_start, period_end,
          last_period, next_time, refusal)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (order_number) DO UPDATE SET period = excluded.period,
          period_start = excluded.period_start, period_end = excluded.period_end,
          last_period = excluded.last_period, next_time = excluded.next_time,
          refusal = excluded.refusal
        """)
    try statement.execute(arguments: [
      number, renewal.startTime, renewal.period, renewal.periodStart, renewal.periodEnd,
      renewal.lastPeriod, renewal.nextTime, renewal.refusal,
    ])
  }
}
