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
    for account in recorded.flatMap({ [$0.effect.changes[0], $0.effect.changes[1]] })
      .compactMap({ accounts[$0.accountID] })
    where account.history { counters[account.id] = account.counters }
    guard !counters.isEmpty else { return [] }
    var changes: [BalanceChange] = []
    for item in recorded.reversed() {
      let steps = item.effect.changes
      for step in [steps[1], steps[0]] {
        guard let after = counters[step.accountID] else { continue }
        changes.append(
          BalanceChange(
            accountID: step.accountID, transferID: item.transfer.id,
            createTime: item.entry.createTime, counters: after))
        counters[step.accountID]?.revert(step)
      }
    }
    return changes.reversed()
  }
}
