import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// A transfer as the check reads it: whatever its row and those around it hold, without falling over it.
enum CheckedTransfer {
  static let sql = """
    SELECT t.*, d.id AS debit_id, c.id AS credit_id, d.currency, h.id AS hold_id,
      h.amount AS hold_amount, o.state AS own_state, w.state AS hold_state,
      w.resolved_by AS hold_resolver
    FROM transfer t LEFT JOIN account d ON d.number = t.debit
      LEFT JOIN account c ON c.number = t.credit LEFT JOIN transfer h ON h.number = t.hold
      LEFT JOIN hold o ON o.transfer = t.number LEFT JOIN hold w ON w.transfer = t.hold
    ORDER BY t.number
    """

  /// - Throws: `StoredValueError`.
  static func item(_ row: Row) throws -> LedgerVerifier.Item {
    func number(_ column: String) throws -> Int32 {
      guard let value = Int32(exactly: row[column] as Int64) else {
        throw StoredValueError(column: column)
      }
      return value
    }
    func id<Entity>(_ column: String) throws -> Identifier<Entity>? {
      let stored: DatabaseValue = row[column]
      if stored.isNull { return nil }
      guard let id = Identifier<Entity>.fromDatabaseValue(stored) else {
        throw StoredValueError(column: column)
      }
      return id
    }
    guard let own: TransferID = try id("id"), let kind = TransferKind(rawValue: try number("kind")),
      let currency = (row["currency"] as String?).flatMap({ Currency($0) })
    else { throw StoredValueError(column: "id") }
    guard (row["hold"] as Int64?) == nil || (row["hold_amount"] as Int64?) != nil else {
      throw StoredValueError(column: "hold")
    }
    let linked: Int64 = row["linked"]
    guard linked == 0 || linked == 1 else { throw StoredValueError(column: "linked") }
    let transfer = Transfer(
      id: own, kind: kind, debitAccountID: try id("debit_id"),
      creditAccountID: try id("credit_id"), amount: row["amount"], currency: currency,
      holdID: try id("hold_id"), timeoutSeconds: try number("timeout_seconds"),
      isLinked: linked == 1, orderID: try id("order_id"), windowID: try id("window_id"))
    func state(_ column: String) -> HoldState? {
      (row[column] as Int64?).flatMap { Int32(exactly: $0) }.flatMap { HoldState(rawValue: $0) }
    }
    return LedgerVerifier.Item(
      entry: LedgerEntry(
        sequence: row["number"], transfer: transfer,
        createTime: Timestamp(microseconds: row["create_time"])),
      debit: row["debit"], credit: row["credit"], debitPrevious: row["debit_previous"],
      creditPrevious: row["credit_previous"], hold: row["hold"], holdAmount: row["hold_amount"],
      holdState: state("hold_state"), holdResolver: row["hold_resolver"],
      ownState: state("own_state"))
  }
}
