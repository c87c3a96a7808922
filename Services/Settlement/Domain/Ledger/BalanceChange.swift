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
    by recorded: [LedgerState.Recorded], leaving accounts: [AccountID: Account], at now: Timestamp
  ) -> [BalanceChange] {
    var counters = accounts.values.filter(\.history).reduce(into: [AccountID: Counters]()) {
      $0[$1.id] = $1.counters
    }
    guard !counters.isEmpty else { return [] }
    var changes: [BalanceChange] = []
    for item in recorded.reversed() {
      guard let debit = item.transfer.debitAccountID, let credit = item.transfer.creditAccountID
      else { continue }
      let (onDebit, onCredit) = item.effect.steps
      for (id, step) in [(credit, onCredit), (debit, onDebit)] {
        guard let after = counters[id] else { continue }
        changes.append(
          BalanceChange(
            accountID: id, transferID: item.transfer.id, createTime: now, counters: after))
        counters[id] = after - step
      }
    }
    return changes.reversed()
  }
}

extension TransferRule.Effect {
  /// What it adds to the counters of the debit and of the credit account.
  fileprivate var steps: (debit: Counters, credit: Counters) {
    var (debit, credit) = (Counters(), Counters())
    switch self {
    case .post(_, _, let amount):
      debit.debitsPosted = amount
      credit.creditsPosted = amount
    case .hold(let hold):
      debit.debitsPending = hold.amount
      credit.creditsPending = hold.amount
    case .capture(let hold, let amount):
      (debit.debitsPosted, debit.debitsPending) = (amount, -hold.amount)
      (credit.creditsPosted, credit.creditsPending) = (amount, -hold.amount)
    case .release(let hold):
      debit.debitsPending = -hold.amount
      credit.creditsPending = -hold.amount
    }
    return (debit, credit)
  }
}

extension Counters {
  fileprivate static func - (left: Counters, right: Counters) -> Counters {
    Counters(
      debitsPosted: left.debitsPosted - right.debitsPosted,
      debitsPending: left.debitsPending - right.debitsPending,
      creditsPosted: left.creditsPosted - right.creditsPosted,
      creditsPending: left.creditsPending - right.creditsPending)
  }
}
