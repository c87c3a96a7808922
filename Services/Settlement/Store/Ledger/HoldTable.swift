import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// What became of the holds. The hold itself is its transfer.
struct HoldTable {
  let db: Database

  init(_ db: Database) { self.db = db }

  func find(_ id: TransferID) throws -> Hold? {
    let statement = try FastStatement(db, Self.select + "t.id = ?")
    statement.bind(id, at: 0)
    defer { statement.reset() }
    return try statement.step() ? try Self.hold(statement) : nil
  }

  /// Pending holds whose time has come.
  func due(at now: Timestamp) throws -> [Hold] {
    let statement = try FastStatement(
      db, Self.select + "hold.state = 1 AND hold.expire_time <= ? ORDER BY hold.transfer")
    statement.bind(now.microseconds, at: 0)
    defer { statement.reset() }
    var holds: [Hold] = []
    while try statement.step() { holds.append(try Self.hold(statement)) }
    return holds
  }

  /// When the first of the pending holds expires; nil when none does.
  func nextExpiry() throws -> Timestamp? {
    let statement = try db.cachedStatement(
      sql: "SELECT MIN(expire_time) FROM hold WHERE state = 1 AND expire_time IS NOT NULL")
    return try Timestamp.fetchOne(statement)
  }

  func insert(_ number: Int64, expireTime: Timestamp?) throws {
    let statement = try FastStatement(db, "INSERT INTO hold (transfer, expire_time) VALUES (?, ?)")
    statement.bind(number, at: 0)
    if let expireTime {
      statement.bind(expireTime.microseconds, at: 1)
    } else {
      statement.bindNull(at: 1)
    }
    try statement.run()
  }

  func resolve(_ number: Int64, as state: HoldState, by transfer: Int64?) throws {
    let statement = try FastStatement(
      db, "UPDATE hold SET state = ?, resolved_by = ? WHERE transfer = ?")
    statement.bind(Int64(state.rawValue), at: 0)
    if let transfer { statement.bind(transfer, at: 1) } else { statement.bindNull(at: 1) }
    statement.bind(number, at: 2)
    try statement.runOnOneRow()
  }

  private static let select = """
    SELECT hold.transfer, t.id, d.id, c.id, t.amount, d.currency, hold.expire_time, hold.state
    FROM hold JOIN transfer t ON t.number = hold.transfer
      JOIN account d ON d.number = t.debit JOIN account c ON c.number = t.credit WHERE\u{20}
    """

  private static func hold(_ row: FastStatement) throws -> Hold {
    guard let id: TransferID = row.id(1), let debit: AccountID = row.id(2),
      let credit: AccountID = row.id(3), let currency = Currency(utf8: row.bytes(5)),
      let state = HoldState(rawValue: Int32(truncatingIfNeeded: row.int64(7)))
    else { throw StoredValueError(column: "hold") }
    return Hold(
      id: id, debitAccountID: debit, creditAccountID: credit, amount: row.int64(4),
      currency: currency,
      expireTime: row.isNull(6) ? nil : Timestamp(microseconds: row.int64(6)), state: state,
      number: row.int64(0))
  }
}
