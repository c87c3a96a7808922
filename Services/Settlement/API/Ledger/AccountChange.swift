import Model
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  /// Changes state or cap of an account by a rule, and names it for the audit log.
  /// - Throws: `SettlementError.accountNotFound`, `.account`.
  func change(
    _ id: AccountID, _ transaction: Transaction,
    _ rule: (inout Account) throws(AccountRefusal) -> Void
  ) throws -> Account {
    transaction.concerns("account/\(id)")
    // Whatever has expired is to be back on the account first.
    _ = try ledger.submit([], transaction)
    guard let before = try ledger.account(id, transaction) else {
      throw ledger.partitions.unknown(.accountNotFound(id))
    }
    var account = before
    do { try rule(&account) } catch { throw SettlementError.account(error) }
    if account.state != before.state { try ledger.set(account.state, of: id, transaction) }
    if account.netDebitCap != before.netDebitCap {
      try ledger.set(netDebitCap: account.netDebitCap, of: id, transaction)
    }
    return account
  }
}
