import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The one way in which transfers reach the ledger: load, rule, save. One per database.
///
/// Within a transaction its counters alone are right: those of the table may be older.
final class Ledger: Sendable {
  /// Submits a batch as part of the transaction, with a result for each transfer, in order.
  func submit(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws -> [TransferResult] {
    let store = LedgerStore(transaction.db)
    var ledger = try store.load(for: transfers, at: transaction.now)
    let results = LedgerBatch.run(transfers, on: &ledger.state, at: transaction.now)
    try store.save(ledger, at: transaction.now)
    return results
  }

  /// Opens or closes an account to transfers. Whether it may be is the caller's to know.
  func set(_ state: AccountState, of id: AccountID, _ transaction: Transaction) throws {
    try AccountTable(transaction.db).save(state, of: id)
  }

  /// Sets how far below zero an account may go.
  func set(netDebitCap: Int64, of id: AccountID, _ transaction: Transaction) throws {
    try AccountTable(transaction.db).save(netDebitCap: netDebitCap, of: id)
  }

  /// An account with its counters as the transaction has left them so far; nil when there is none.
  func account(_ id: AccountID, _ transaction: Transaction) throws -> Account? {
    try AccountTable(transaction.db).find(id)?.account
  }
}
