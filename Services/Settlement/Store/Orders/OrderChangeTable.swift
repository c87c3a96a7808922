package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// One change of an order, as it was written down with it.
package struct OrderChange: Sendable, Hashable {
  package let cursor: Int64
  package let state: OrderState
  package let agreementState: AgreementState?
  package let time: Timestamp
  /// The order as it is now.
  package let order: Order
}

/// Every change of every order, numbered in the order of commits.
package struct OrderChangeTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// The number of the last change; 0 when there is none.
  package func last() throws -> Int64 {
    try Int64.fetchOne(db.cachedStatement(sql: "SELECT MAX(cursor) FROM order_change")) ?? 0
  }

  /// Changes above `cursor`, in order; those of one party, or all.
  package func list(after cursor: Int64, of party: ParticipantID?, limit: Int) throws
    -> [OrderChange]
  {
    let rows: [Row]
    if let party {
      let statement = try db.cachedStatement(
        sql: """
          SELECT * FROM (SELECT * FROM order_change
              WHERE consumer_id = ?1 AND cursor > ?2 ORDER BY cursor LIMIT ?3)
          UNION ALL SELECT * FROM (SELECT * FROM order_change
              WHERE provider_id = ?1 AND cursor > ?2 ORDER BY cursor LIMIT ?3)
          ORDER BY cursor LIMIT ?3
          """)
      rows = try Row.fetchAll(statement, arguments: [party, cursor, limit])
    } else {
      let statement = try db.cachedStatement(
        sql: "SELECT * FROM order_change WHERE cursor > ? ORDER BY cursor LIMIT ?")
      rows = try Row.fetchAll(statement, arguments: [cursor, limit])
    }
    return try rows.map { row in
      guard let order = try OrderTable(db).find(number: row["order_number"]) else {
        throw StoredValueError(column: "order_number")
      }
      return OrderChange(
        cursor: row["cursor"], state: try row.value("state"),
        agreementState: row["agreement_state"] == nil ? nil : try row.value("agreement_state"),
        time: try row.time("change_time"), order: order)
    }
  }

  func append(_ order: Order, number: Int64) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO order_change (order_number, consumer_id, provider_id, state, agreement_state,
          change_time)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      number, order.terms.consumerID, order.terms.providerID, order.state.rawValue,
      order.agreement?.effectiveState.rawValue, order.updateTime,
    ])
  }
}
