import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// The one way in which transfers reach the ledger: load, rule, save.
enum LedgerWriter {
  static func submit(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws -> [TransferResult] {
    let store = LedgerStore(transaction.db)
    var ledger = try store.load(for: transfers, at: transaction.now)
    let results = LedgerBatch.run(transfers, on: &ledger.state, at: transaction.now)
    try store.save(ledger, at: transaction.now)
    return results
  }
}
