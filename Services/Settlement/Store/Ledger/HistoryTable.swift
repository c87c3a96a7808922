package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// What the counters of accounts with history were after each change.
package struct HistoryTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  func append(_ change: BalanceChange) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO balance_history (account_id, transfer, debits_posted, debits_pending,
          credits_posted, credits_pending, create_time)
        VALUES (?, (SELECT number FROM transfer WHERE id = ?), ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      change.accountID, change.transferID, change.counters.debitsPosted,
      change.counters.debitsPending, change.counters.creditsPosted, change.counters.creditsPending,
      change.createTime,
    ])
  }

  /// Changes of an account with numbers above `after`, oldest first, within a time.
  package func list(
    account: AccountID, from start: Timestamp?, until end: Timestamp?, after: Int64, limit: Int
  ) throws -> [(number: Int64, change: BalanceChange)] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT h.*, t.id AS transfer_id
        FROM balance_history h JOIN transfer t ON t.number = h.transfer
        WHERE h.account_id = ? AND h.number > ? AND h.create_time >= ? AND h.create_time < ?
        ORDER BY h.number LIMIT ?
        """)
    let rows = try Row.fetchAll(
      statement,
      arguments: [
        account, after, start ?? .earliest, end ?? Timestamp(microseconds: .max), limit,
      ])
    return try rows.map { row in
      (
        row["number"],
        BalanceChange(
          accountID: account, transferID: try row.id("transfer_id"),
          createTime: try row.time("create_time"),
          counters: Counters(
            debitsPosted: row["debits_posted"], debitsPending: row["debits_pending"],
            creditsPosted: row["credits_posted"], creditsPending: row["credits_pending"]))
      )
    }
  }

  /// Whether a hold on an account has expired that nobody has written down yet.
  package func isBehind(account: AccountID, at now: Timestamp) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        SELECT EXISTS (SELECT 1 FROM hold JOIN transfer t ON t.number = hold.transfer
          JOIN account a ON a.number IN (t.debit, t.credit)
          WHERE hold.state = 1 AND hold.expire_time <= ? AND a.id = ?)
        """)
    return try Bool.fetchOne(statement, arguments: [now, account]) ?? false
  }
}
