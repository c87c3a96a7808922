import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The steps of a crossing on the side where it begins.
enum Crossings {
  /// The transfer that sets its money aside: without expiry, so that it waits for the other side's decision however
  /// long that takes.
  static func hold(
    for crossing: Crossing, _ transaction: Transaction
  ) throws -> SettlementV1.Transfer {
    SettlementV1.Transfer(
      id: crossing.id, kind: .hold, debitAccountID: crossing.debitAccountID,
      creditAccountID: try TransitAccounts.find(
        for: crossing.destination, crossing.amount.currency, crossing.environment, transaction),
      amount: crossing.amount.minorUnits, currencyCode: crossing.amount.currency.code,
      orderID: crossing.orderID)
  }

  /// Does with the hold what the other side decided; nothing when that was done before.
  /// - Throws: `SettlementError.payment` while the account here is frozen: then the money stays held.
  static func settle(
    _ id: TransferID, _ decision: CrossingDecision, _ ledger: Ledger, _ transaction: Transaction
  ) throws {
    let table = CrossingTable(transaction.db)
    guard var crossing = try table.find(id),
      let kind = crossing.decided(decision, at: transaction.now)
    else { return }
    // Asked first, as a refusal by the ledger would be kept for good with every attempt.
    if try ledger.account(crossing.debitAccountID, transaction)?.state == .frozen {
      throw SettlementError.payment(.accountFrozen)
    }
    let transfer = SettlementV1.Transfer(
      id: .make(at: transaction.now),
      kind: SettlementV1.TransferKind(rawValue: kind.rawValue), holdID: crossing.id,
      orderID: crossing.orderID)
    let outcome = try ledger.submit([transfer], transaction)[0].outcome
    guard outcome == .ok else { throw SettlementError.payment(outcome) }
    try table.update(crossing)
    let event = decision == .credited ? "crossing.credited" : "crossing.returned"
    try transaction.emit(AuditEvent(event, crossing))
  }

  /// Notes that the other side knows of the capture.
  static func confirm(_ id: TransferID, _ transaction: Transaction) throws {
    let table = CrossingTable(transaction.db)
    guard var crossing = try table.find(id), crossing.confirm(at: transaction.now) else { return }
    try table.update(crossing)
    try transaction.emit(AuditEvent("crossing.confirmed", crossing))
  }
}
