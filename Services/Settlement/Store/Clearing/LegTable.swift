package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The payments by which members settle windows.
package struct LegTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// The payments of a window, in order of account.
  package func all(of window: WindowID) throws -> [Leg] {
    try all("w.id = ? ORDER BY l.account", [window])
  }

  package func find(_ member: ParticipantID, in window: WindowID) throws -> Leg? {
    try all("w.id = ? AND m.participant_id = ?", [window, member]).first
  }

  package func find(_ window: WindowID, account: AccountID) throws -> Leg? {
    try all("w.id = ? AND a.id = ?", [window, account]).first
  }

  /// The payment that a file names.
  package func find(endToEndID: String) throws -> Leg? {
    try all("l.end_to_end_id = ?", [endToEndID]).first
  }

  package func insert(_ leg: Leg, _ environment: TypeV1.Environment) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO clearing_leg (window, account, direction, amount, state, end_to_end_id, hold_id,
          last_reason, bank_reference)
        VALUES ((SELECT number FROM clearing_window WHERE id = ?),
          (SELECT number FROM account WHERE id = ?), ?, ?, 1, ?, ?, '', '')
        """)
    try statement.execute(arguments: [
      leg.windowID, leg.accountID, leg.direction.rawValue, leg.amount,
      leg.endToEndID(environment), leg.holdID,
    ])
  }

  /// Writes what may change of a payment.
  package func update(_ leg: Leg) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE clearing_leg SET state = ?, hold_id = ?, last_reason = ?, bank_reference = ?,
          final_time = ?
        WHERE window = (SELECT number FROM clearing_window WHERE id = ?)
          AND account = (SELECT number FROM account WHERE id = ?)
        """)
    try statement.execute(arguments: [
      leg.state.rawValue, leg.holdID, leg.lastReason, leg.bankReference, leg.finalTime,
      leg.windowID, leg.accountID,
    ])
  }

  private func all(_ condition: String, _ arguments: StatementArguments) throws -> [Leg] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT l.*, w.id AS window_id, a.id AS account_id, m.participant_id FROM clearing_leg l
          JOIN clearing_window w ON w.number = l.window
          JOIN account a ON a.number = l.account
          JOIN clearing_member m ON m.account = l.account
        WHERE \(condition)
        """)
    return try Row.fetchAll(statement, arguments: arguments).map { row in
      Leg(
        windowID: try row.id("window_id"), memberID: try row.id("participant_id"),
        accountID: try row.id("account_id"), direction: try row.value("direction"),
        amount: row["amount"], holdID: try row.idIfPresent("hold_id"),
        state: try row.value("state"), lastReason: row["last_reason"],
        bankReference: row["bank_reference"],
        finalTime: try row.decode(Timestamp?.self, forColumn: "final_time"))
    }
  }
}
