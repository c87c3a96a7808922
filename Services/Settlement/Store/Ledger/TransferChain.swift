package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The transfers of one account. Each points at the one before it, and every 1,024th is marked, so that a page
/// anywhere in a long history is found by walking back from the mark after it.
package struct TransferChain {
  static let markInterval: Int64 = 1_024
  let db: Database

  package init(_ db: Database) { self.db = db }

  func mark(_ transfer: Int64, of account: Int64) throws {
    let statement = try FastStatement(db, "INSERT INTO transfer_mark VALUES (?, ?)")
    statement.bind(account, at: 0)
    statement.bind(transfer, at: 1)
    try statement.run()
  }

  /// Recorded transfers from or to an account with numbers above `after`, oldest first, within a time.
  package func list(
    account: AccountID, from start: Timestamp?, until end: Timestamp?, after: Int64, limit: Int
  ) throws -> [LedgerEntry] {
    guard let account = try AccountTable(db).find(account)?.account else { return [] }
    var position = after
    if let start { position = max(position, try firstNumber(at: start) - 1) }
    let limitNumber = try end.map { try firstNumber(at: $0) } ?? .max
    var numbers: [Int64] = []
    while numbers.count < limit, position < account.lastTransfer {
      let top = try nextMark(of: account.number, after: position) ?? account.lastTransfer
      let walked = try walk(account.number, from: top, downTo: position)
      numbers += walked.prefix(limit - numbers.count).prefix { $0 < limitNumber }
      guard let last = walked.last, last < limitNumber else { break }
      position = top
    }
    let transfers = TransferTable(db)
    return try numbers.compactMap { try transfers.entries("t.number = ?", [$0]).first }
  }

  /// The number of the first transfer recorded at `time` or later: times never go back. One past the last
  /// when there is none.
  private func firstNumber(at time: Timestamp) throws -> Int64 {
    let statement = try FastStatement(db, "SELECT create_time FROM transfer WHERE number = ?")
    var (low, high) = (Int64(1), try TransferTable(db).last().0 + 1)
    while low < high {
      let middle = low + (high - low) / 2
      statement.bind(middle, at: 0)
      let isThere = try statement.step()
      let found = isThere ? statement.int64(0) : 0
      statement.reset()
      if found < time.microseconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func nextMark(of account: Int64, after number: Int64) throws -> Int64? {
    let statement = try FastStatement(
      db, "SELECT min(transfer) FROM transfer_mark WHERE account = ? AND transfer > ?")
    statement.bind(account, at: 0)
    statement.bind(number, at: 1)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    let mark = statement.int64(0)
    return mark == 0 ? nil : mark
  }

  /// The account's transfers above `bottom` up to `top`, which is one of them, oldest first.
  private func walk(_ account: Int64, from top: Int64, downTo bottom: Int64) throws -> [Int64] {
    let statement = try FastStatement(
      db,
      """
      SELECT CASE WHEN debit = ?2 THEN debit_previous ELSE credit_previous END
      FROM transfer WHERE number = ?1
      """)
    var numbers: [Int64] = []
    var number = top
    while number > bottom {
      numbers.append(number)
      statement.bind(number, at: 0)
      statement.bind(account, at: 1)
      let isThere = try statement.step()
      number = isThere ? statement.int64(0) : 0
      statement.reset()
    }
    return numbers.reversed()
  }
}
