package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// What windows net to, account by account.
package struct PositionTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// A position with its owner and its payment, if there is one.
  package struct Stored: Sendable, Hashable {
    package let number: Int64
    package let ownerID: ParticipantID?
    package let position: Position
  }

  /// Sums of what moved over a range of transfers, by account. What clearing itself moves names the
  /// window that it settles, and is not netted again.
  package func sums(
    _ key: WindowKey, from first: Int64, through last: Int64
  ) throws -> [AccountID: Position] {
    guard first <= last else { return [:] }
    let isNet = """
      EXISTS (SELECT 1 FROM clearing_member m
        WHERE m.account IN (t.debit, t.credit) AND m.first_transfer <= t.number)
      """
    let statement = try db.cachedStatement(
      sql: """
        WITH moved AS MATERIALIZED (
          SELECT debit, credit, amount FROM transfer t
          WHERE t.number BETWEEN ?1 AND ?2 AND t.debit >> 40 = (
              SELECT number FROM book WHERE currency = ?3 AND environment = ?4)
            AND t.kind IN (1, 3)
            AND NOT EXISTS (SELECT 1 FROM clearing_window w WHERE w.id = t.window_id)
            AND \(key.model == .net ? isNet : "NOT " + isNet))
        SELECT a.id, SUM(debits) AS debits, SUM(credits) AS credits FROM (
          SELECT debit AS account, amount AS debits, 0 AS credits FROM moved
          UNION ALL SELECT credit, 0, amount FROM moved) JOIN account a ON a.number = account
        GROUP BY account
        """)
    let rows = try Row.fetchAll(
      statement, arguments: [first, last, key.currency.code, key.environment.rawValue])
    return try rows.reduce(into: [:]) { sums, row in
      let id: AccountID = try row.id("id")
      sums[id] = Position(accountID: id, debits: row["debits"], credits: row["credits"])
    }
  }

  /// Fixes the positions of a window and their totals, while it is still OPEN.
  package func insert(_ snapshot: PositionSnapshot, of window: StoredWindow) throws {
    let key = window.window.key
    for position in snapshot.positions {
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO clearing_position (window, account, currency, environment, debits, credits)
          VALUES (?, (SELECT number FROM account WHERE id = ?), ?, ?, ?, ?)
          """)
      try statement.execute(arguments: [
        window.number, position.accountID, key.currency.code, key.environment.rawValue,
        position.debits, position.credits,
      ])
    }
    let statement = try db.cachedStatement(
      sql: """
        UPDATE clearing_window SET (debit_total, credit_total) = (
          SELECT COALESCE(SUM(debits), 0), COALESCE(SUM(credits), 0) FROM clearing_position
          WHERE window = ?1) WHERE number = ?1
        """)
    try statement.execute(arguments: [window.number])
  }

  package func find(_ window: WindowID, _ account: AccountID) throws -> Position? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT debits, credits FROM clearing_position
        WHERE window = (SELECT number FROM clearing_window WHERE id = ?)
          AND account = (SELECT number FROM account WHERE id = ?)
        """)
    return try Row.fetchOne(statement, arguments: [window, account]).map { row in
      Position(accountID: account, debits: row["debits"], credits: row["credits"])
    }
  }

  /// Positions of a window after an account, in order of account; of one owner, if it is given.
  package func list(
    _ window: WindowID, owner: ParticipantID?, after: Int64, limit: Int
  ) throws -> [Stored] {
    let own = owner == nil ? "?2 IS NULL" : "a.owner_id = ?2"
    let statement = try db.cachedStatement(
      sql: """
        SELECT p.account, a.id, a.owner_id, p.debits, p.credits FROM clearing_position p
          JOIN account a ON a.number = p.account
        WHERE p.window = (SELECT number FROM clearing_window WHERE id = ?1) AND \(own)
          AND p.account > ?3 ORDER BY p.account LIMIT ?4
        """)
    return try Row.fetchAll(statement, arguments: [window, owner, after, limit]).map { row in
      Stored(
        number: row["account"], ownerID: try row.idIfPresent("owner_id"),
        position: Position(
          accountID: try row.id("id"), debits: row["debits"], credits: row["credits"]))
    }
  }
}
