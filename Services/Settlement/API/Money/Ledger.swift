import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The one way in which transfers reach the ledger: load, rule, save. One per database, with its accounts in memory.
///
/// Within a transaction its counters alone are right: those of the table are written with the commit.
struct Ledger: Sendable {
  let store: LedgerStore
  /// Which part of the exchange's money is in it.
  let partitions: Partitions
  /// Which payouts wait for witnesses.
  let payoutLimits: PayoutLimits

  /// Attaches to a database, before its first write.
  init(
    _ database: ServiceDatabase, _ partitions: Partitions = .everything,
    payoutLimits: PayoutLimits = .none
  ) {
    store = LedgerStore()
    self.payoutLimits = payoutLimits
    self.partitions = partitions
    database.add(store)
  }

  /// Submits a batch as part of the transaction, with a result for each transfer, in order. What is recorded can be
  /// referred to by rows of the transaction.
  func submit(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws -> [TransferResult] {
    try store.load(for: transfers, at: transaction.now, transaction.db)
    let results = decide(transfers, transaction)
    try store.save(transaction.db)
    return results
  }

  /// Loads what a batch refers to, for `decide`, and says of which kinds its accounts are.
  func load(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws -> AccountKinds {
    try store.load(for: transfers, at: transaction.now, transaction.db)
    return store.loadedKinds
  }

  /// Decides a batch that was loaded just before. What it records is written with the commit.
  func decide(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) -> [TransferResult] {
    LedgerBatch.run(transfers, on: &store.state, at: transaction.now)
  }

  /// An account with its counters as the transaction has left them so far; nil when there is none.
  func account(_ id: AccountID, _ transaction: Transaction) throws -> Account? {
    try store.account(id, transaction.db)
  }

  /// Opens or closes an account to transfers. Whether it may be is the caller's to know.
  func set(_ state: AccountState, of id: AccountID, _ transaction: Transaction) throws {
    try store.update(id, transaction.db) { $0.state = state }
  }

  /// Sets how far below zero an account may go.
  func set(netDebitCap: Int64, of id: AccountID, _ transaction: Transaction) throws {
    try store.update(id, transaction.db) { $0.netDebitCap = netDebitCap }
  }
}
