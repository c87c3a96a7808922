import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// What was paid out for each order.
struct PayoutTable {
  let db: Database

  init(_ db: Database) { self.db = db }

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

  func find(_ number: Int64, in currency: Currency) throws -> [Payout] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT beneficiary, account.id AS account_id, payout.amount, transfer.id AS transfer_id
        FROM payout JOIN account ON account.number = payout.account
          JOIN transfer ON transfer.number = payout.transfer
        WHERE order_number = ? ORDER BY position
        """)
    return try Row.fetchAll(statement, arguments: [number]).map { row in
      Payout(
        beneficiary: try row.value("beneficiary"), accountID: try row.id("account_id"),
        amount: Money(currency: currency, minorUnits: row["amount"]),
        transferID: try row.id("transfer_id"))
    }
  }
}
