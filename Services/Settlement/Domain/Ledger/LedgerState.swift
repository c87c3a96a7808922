package import Model

/// The part of the ledger that a batch touches, loaded before it and saved after it, and what the
/// batch changed in it.
package struct LedgerState: Sendable {
  /// A transfer that was recorded, with its accounts, currency and amount filled in.
  package struct Recorded: Sendable, Hashable {
    package let transfer: Transfer
    package let effect: TransferRule.Effect
  }
  package struct Refused: Sendable, Hashable {
    package let transfer: Transfer
    package let outcome: TransferOutcome
  }

  package private(set) var accounts: [AccountID: Account]
  package private(set) var transfers: [TransferID: KnownTransfer]
  package private(set) var holds: [TransferID: Hold]

  /// What the batch recorded, in order.
  package private(set) var recorded: [Recorded] = []
  /// What the batch refused for good, in order.
  package private(set) var refused: [Refused] = []
  /// Accounts whose counters the batch changed.
  package private(set) var changedAccounts: Set<AccountID> = []

  package init(
    accounts: [AccountID: Account] = [:], transfers: [TransferID: KnownTransfer] = [:],
    holds: [TransferID: Hold] = [:]
  ) {
    self.accounts = accounts
    self.transfers = transfers
    self.holds = holds
  }

  package mutating func refuse(_ transfer: Transfer, _ outcome: TransferOutcome) {
    transfers[transfer.id] = .refused(transfer, outcome)
    refused.append(Refused(transfer: transfer, outcome: outcome))
  }

  package mutating func record(
    _ transfer: Transfer, _ effect: TransferRule.Effect, at now: Timestamp
  ) {
    var resolved = transfer
    switch effect {
    case .post(let debit, let credit, let amount):
      change(debit) { $0.debitsPosted += amount }
      change(credit) { $0.creditsPosted += amount }
    case .hold(let hold):
      change(hold.debitAccountID) { $0.debitsPending += hold.amount }
      change(hold.creditAccountID) { $0.creditsPending += hold.amount }
      holds[hold.id] = hold
    case .capture(let hold, let amount):
      resolve(hold, as: .captured)
      change(hold.debitAccountID) { $0.debitsPosted += amount }
      change(hold.creditAccountID) { $0.creditsPosted += amount }
      resolved = resolved.filled(from: hold)
      resolved.amount = amount
    case .release(let hold):
      resolve(hold, as: .released)
      resolved = resolved.filled(from: hold)
    }
    transfers[transfer.id] = .recorded(resolved, at: now)
    recorded.append(Recorded(transfer: resolved, effect: effect))
  }

  private mutating func resolve(_ hold: Hold, as state: HoldState) {
    holds[hold.id]?.state = state
    change(hold.debitAccountID) { $0.debitsPending -= hold.amount }
    change(hold.creditAccountID) { $0.creditsPending -= hold.amount }
  }

  private mutating func change(_ id: AccountID, _ body: (inout Counters) -> Void) {
    guard let index = accounts.index(forKey: id) else {
      preconditionFailure("an account is changed that was not loaded")
    }
    body(&accounts.values[index].counters)
    changedAccounts.insert(id)
  }

  // MARK: Chains

  /// How far the batch had come, to return to when a chain breaks.
  struct Mark {
    fileprivate let recorded: Int
  }

  var mark: Mark { Mark(recorded: recorded.count) }

  /// Undoes what was recorded since `mark`. Refusals stay: they were decided.
  mutating func rollBack(to mark: Mark) {
    while recorded.count > mark.recorded {
      let last = recorded.removeLast()
      transfers[last.transfer.id] = nil
      switch last.effect {
      case .post(let debit, let credit, let amount):
        change(debit) { $0.debitsPosted -= amount }
        change(credit) { $0.creditsPosted -= amount }
      case .hold(let hold):
        change(hold.debitAccountID) { $0.debitsPending -= hold.amount }
        change(hold.creditAccountID) { $0.creditsPending -= hold.amount }
        holds[hold.id] = nil
      case .capture(let hold, let amount):
        change(hold.debitAccountID) { $0.debitsPosted -= amount }
        change(hold.creditAccountID) { $0.creditsPosted -= amount }
        reopen(hold)
      case .release(let hold):
        reopen(hold)
      }
    }
  }

  private mutating func reopen(_ hold: Hold) {
    holds[hold.id] = hold
    change(hold.debitAccountID) { $0.debitsPending += hold.amount }
    change(hold.creditAccountID) { $0.creditsPending += hold.amount }
  }
}

extension Transfer {
  fileprivate func filled(from hold: Hold) -> Transfer {
    var filled = self
    filled.debitAccountID = hold.debitAccountID
    filled.creditAccountID = hold.creditAccountID
    filled.currency = hold.currency
    return filled
  }
}
