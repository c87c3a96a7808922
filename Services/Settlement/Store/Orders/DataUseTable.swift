package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// One order as somebody sees it whom its data are about, or who was paid by it.
package struct DataUse: Sendable, Hashable {
  package let number: Int64
  package let order: Order
  /// How often the right to fetch was given, when first and when last.
  package let grants: Int64
  package let firstGrant: Timestamp?
  package let lastGrant: Timestamp?
  package let delivery: Timestamp?
  /// What the person was paid, in minor units of the price.
  package let dividend: Int64
}

/// Who used the data about a person, and what the person got for it.
package struct DataUseTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Orders below number `before` that rest on a consent of the person or paid the person, latest first.
  package func list(of person: ParticipantID, before: Int64, limit: Int) throws -> [DataUse] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT number FROM (
          SELECT order_number AS number FROM order_consent
          WHERE subject_id = ?1 AND order_number < ?2
          UNION
          SELECT order_number FROM payout WHERE order_number < ?2
            AND account IN (SELECT number FROM account WHERE owner_id = ?1)
        ) ORDER BY number DESC LIMIT ?3
        """)
    return try Int64.fetchAll(statement, arguments: [person, before, limit]).map { number in
      guard let order = try OrderTable(db).find(number: number) else {
        throw StoredValueError(column: "order_number")
      }
      return try use(order, number, of: person)
    }
  }

  private func use(_ order: Order, _ number: Int64, of person: ParticipantID) throws -> DataUse {
    let grants = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT count(*) AS count, min(issue_time) AS first, max(issue_time) AS last
          FROM issued_grant WHERE order_number = ?
          """), arguments: [number])
    let delivery = try Timestamp.fetchOne(
      db.cachedStatement(sql: "SELECT create_time FROM receipt WHERE order_number = ?"),
      arguments: [number])
    let dividend = try Int64.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT coalesce(sum(amount - (SELECT coalesce(sum(amount), 0) FROM payout_refund
            WHERE payout_refund.order_number = payout.order_number
              AND payout_refund.position = payout.position)), 0)
          FROM payout WHERE order_number = ? AND account IN (SELECT number FROM account WHERE owner_id = ?)
          """), arguments: [number, person])
    return DataUse(
      number: number, order: order, grants: grants?["count"] ?? 0, firstGrant: grants?["first"],
      lastGrant: grants?["last"], delivery: delivery, dividend: dividend ?? 0)
  }
}
