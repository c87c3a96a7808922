package import GRDB
package import Model
import ServiceRuntime
import SettlementDomain

/// What was paid out for each order.
package struct PayoutTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// Writes the payouts of an order once; they never change afterwards.
  func save(_ payouts: [Payout], of number: Int64) throws {
    for (position, payout) in payouts.enumerated() {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO payout (order_number, position, beneficiary, account, amount, transfer)
          SELECT ?, ?, ?, (SELECT number FROM account WHERE id = ?), ?,
            (SELECT number FROM transfer WHERE id = ?)
          WHERE NOT EXISTS (SELECT 1 FROM payout WHERE order_number = ? AND position = ?)
          """)
      try statement.execute(arguments: [
        number, position, payout.beneficiary.rawValue, payout.accountID, payout.amount.minorUnits,
        payout.transferID, number, position,
      ])
    }
  }

  /// Writes what payouts of an order gave back; nil where one gave nothing.
  package func refund(
    _ order: OrderID, _ transfers: [(id: TransferID, amount: Int64)?], at now: Timestamp
  ) throws {
    let number = try OrderTable(db).number(of: order)
    for (position, transfer) in transfers.enumerated() {
      guard let transfer else { continue }
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO payout_refund (order_number, position, amount, transfer, create_time)
          VALUES (?, ?, ?, (SELECT number FROM transfer WHERE id = ?), ?)
          """)
      try statement.execute(arguments: [number, position, transfer.amount, transfer.id, now])
    }
  }

  func find(_ number: Int64, in currency: Currency) throws -> [Payout] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT beneficiary, account.id AS account_id, payout.amount, transfer.id AS transfer_id,
          (SELECT coalesce(sum(amount), 0) FROM payout_refund
            WHERE payout_refund.order_number = payout.order_number
              AND payout_refund.position = payout.position) AS refunded
        FROM payout JOIN account ON account.number = payout.account
          JOIN transfer ON transfer.number = payout.transfer
        WHERE order_number = ? ORDER BY position
        """)
    return try Row.fetchAll(statement, arguments: [number]).map { row in
      Payout(
        beneficiary: try row.value("beneficiary"), accountID: try row.id("account_id"),
        amount: Money(currency: currency, minorUnits: row["amount"]),
        transferID: try row.id("transfer_id"), refunded: row["refunded"])
    }
  }
}
