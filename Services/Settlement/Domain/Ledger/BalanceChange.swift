package import Model

/// What an account's counters were after one change.
package struct BalanceChange: Sendable, Hashable {
  package let accountID: AccountID
  /// What changed them; a HOLD a second time when it expired.
  package let transferID: TransferID
  package let createTime: Timestamp
  package let counters: Counters

  package init(
    accountID: AccountID, transferID: TransferID, createTime: Timestamp, counters: Counters
  ) {
    self.accountID = accountID
    self.transferID = transferID
    self.createTime = createTime
    self.counters = counters
  }

  /// What a batch did to the accounts whose history is kept, in order, debit before credit. It left
  /// `accounts` behind, so each step is found by going back from there.
  package static func changes(
    by recorded: ArraySlice<LedgerState.Recorded>, leaving accounts: LoadedAccounts
  ) -> [BalanceChange] {
    var counters: [AccountID: Counters] = [:]
    for id in recorded.flatMap({ [$0.transfer.debitAccountID, $0.transfer.creditAccountID] }) {
      if let id, let account = accounts[id], account.history { counters[id] = account.counters }
    }
    guard !counters.isEmpty else { return [] }
    var changes: [BalanceChange] = []
    func note(_ id: AccountID?, _ item: LedgerState.Recorded, _ revert: (inout Counters) -> Void) {
      guard let id, let after = counters[id] else { return }
      changes.append(
        BalanceChange(
          accountID: id, transferID: item.transfer.id, createTime: item.entry.createTime,
          counters: after))
      revert(&counters[id, default: after])
    }
    for item in recorded.reversed() {
      let back = item.effect.movement.reversed
      note(item.transfer.creditAccountID, item) { $0.credit(back) }
      note(item.transfer.debitAccountID, item) { $0.debit(back) }
    }
    return changes.reversed()
  }
}
