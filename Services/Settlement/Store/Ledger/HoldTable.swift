import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// What became of the holds. The hold itself is its transfer.
struct HoldTable {
  let db: Database

  init(_ db: Database) { self.db = db }

  func find(_ id: TransferID) throws -> Hold? {
    let statement = try db.cachedStatement(sql: Self.select + "t.id = ?")
    return try Row.fetchOne(statement, arguments: [id]).map(Self.hold)
  }

  /// Pending holds whose time has come.
  func due(at now: Timestamp) throws -> [Hold] {
    let statement = try db.cachedStatement(
      sql: Self.select + "hold.state = 1 AND hold.expire_time <= ? ORDER BY hold.transfer")
    return try Row.fetchAll(statement, arguments: [now]).map(Self.hold)
  }

  /// When the first of the pending holds expires; nil when none does.
  func nextExpiry() throws -> Timestamp? {
    let statement = try db.cachedStatement(
      sql: "SELECT MIN(expire_time) FROM hold WHERE state = 1 AND expire_time IS NOT NULL")
    return try Timestamp.fetchOne(statement)
  }

  func insert(_ number: Int64, expireTime: Timestamp?) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO hold (transfer, expire_time) VALUES (?, ?)")
    try statement.execute(arguments: [number, expireTime])
  }

  func resolve(_ number: Int64, as state: HoldState, by transfer: Int64?) throws {
    let statement = try db.cachedStatement(
      sql: "UPDATE hold SET state = ?, resolved_by = ? WHERE transfer = ?")
    try statement.execute(arguments: [state.rawValue, transfer, number])
  }

  private static let select = """
    SELECT hold.transfer, t.id, d.id AS debit_id, c.id AS credit_id, t.amount, d.currency,
      hold.expire_time, hold.state
    FROM hold JOIN transfer t ON t.number = hold.transfer
      JOIN account d ON d.number = t.debit JOIN account c ON c.number = t.credit WHERE\u{20}
    """

  private static func hold(_ row: Row) throws -> Hold {
    Hold(
      id: try row.id("id"), debitAccountID: try row.id("debit_id"),
      creditAccountID: try row.id("credit_id"), amount: row["amount"],
      currency: try row.currency("currency"),
      expireTime: try row.decode(Timestamp?.self, forColumn: "expire_time"),
      state: try row.value("state"), number: row["transfer"])
  }
}
