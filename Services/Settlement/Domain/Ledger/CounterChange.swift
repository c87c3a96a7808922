import Model

/// What one transfer does to the counters of one account.
struct CounterChange: Sendable {
  let accountID: AccountID
  var debitsPosted: Int64 = 0
  var debitsPending: Int64 = 0
  var creditsPosted: Int64 = 0
  var creditsPending: Int64 = 0
}

extension Counters {
  /// The rules have checked that nothing overflows.
  mutating func apply(_ change: CounterChange) {
    debitsPosted += change.debitsPosted
    debitsPending += change.debitsPending
    creditsPosted += change.creditsPosted
    creditsPending += change.creditsPending
  }

  mutating func revert(_ change: CounterChange) {
    debitsPosted -= change.debitsPosted
    debitsPending -= change.debitsPending
    creditsPosted -= change.creditsPosted
    creditsPending -= change.creditsPending
  }
}

extension Hold {
  /// Setting the hold's amount aside (`sign` 1) or giving it back (-1), debit first.
  func changes(sign: Int64) -> [2 of CounterChange] {
    [
      CounterChange(accountID: debitAccountID, debitsPending: sign * amount),
      CounterChange(accountID: creditAccountID, creditsPending: sign * amount),
    ]
  }
}

extension TransferRule.Effect {
  /// The hold that it resolves.
  package var resolvedHold: Hold? {
    switch self {
    case .post, .hold: nil
    case .capture(let hold, _), .release(let hold): hold
    }
  }

  /// A hold's number is that of the transfer that makes it.
  func numbered(_ number: Int64) -> Self {
    guard case .hold(var hold) = self else { return self }
    hold.number = number
    return .hold(hold)
  }

  /// What it does to the accounts, debit first.
  var changes: [2 of CounterChange] {
    switch self {
    case .post(let debit, let credit, let amount):
      return [
        CounterChange(accountID: debit, debitsPosted: amount),
        CounterChange(accountID: credit, creditsPosted: amount),
      ]
    case .hold(let hold): return hold.changes(sign: 1)
    case .release(let hold): return hold.changes(sign: -1)
    case .capture(let hold, let amount):
      var changes = hold.changes(sign: -1)
      changes[0].debitsPosted = amount
      changes[1].creditsPosted = amount
      return changes
    }
  }
}
