package import Model

/// Checks 3 to 10 of one well-formed transfer against what the ledger holds.
package enum TransferRule {
  package enum Decision: Sendable, Hashable {
    /// It was decided before: nothing changes.
    case replay(TransferResult)
    /// Refused for good.
    case refuse(TransferOutcome)
    case accept(Accepted)
  }

  /// What an accepted transfer does, and where its accounts are in memory.
  package struct Accepted: Sendable, Hashable {
    let debit: Int
    let credit: Int
    let effect: Effect
  }

  package struct Effect: Sendable, Hashable {
    package let movement: Movement
    /// When a HOLD expires; nil when it does not.
    package var expireTime: Timestamp?
    /// The number of the hold that a CAPTURE or RELEASE resolves; 0 for others.
    package var holdNumber: Int64 = 0
  }

  package static func decide(
    _ transfer: Transfer, in ledger: LedgerState, at now: Timestamp
  ) -> Decision {
    let hold = transfer.holdID.flatMap { ledger.holds[$0] }
    if let known = ledger.known(transfer.id) {
      return .replay(compare(transfer, with: known, hold))
    }
    let debitID = transfer.debitAccountID ?? hold?.debitAccountID
    let creditID = transfer.creditAccountID ?? hold?.creditAccountID
    if let debitID, debitID == creditID { return .refuse(.accountsMustDiffer) }
    let debit = debitID.flatMap { ledger.accounts.place(of: $0) }
    let credit = creditID.flatMap { ledger.accounts.place(of: $0) }
    if debitID != nil, debit == nil { return .refuse(.debitAccountNotFound) }
    if creditID != nil, credit == nil { return .refuse(.creditAccountNotFound) }
    if transfer.kind.resolvesHold {
      guard let hold, hold.debitAccountID == debitID, hold.creditAccountID == creditID else {
        return .refuse(.holdNotFound)
      }
    }
    // A hold brings its accounts and any other transfer names them, so both are known here.
    guard let debit, let credit else { return .refuse(.holdNotFound) }
    let parties = Parties(debit: debit, credit: credit, hold: hold)
    if let refusal = checkCompatibility(transfer, parties, ledger.accounts)
      ?? checkStates(parties, ledger.accounts, at: now)
    {
      return .refuse(refusal)
    }
    return checkAmount(transfer, parties, ledger.accounts, at: now)
  }

  /// Where the accounts are in memory, and the hold that is resolved.
  private struct Parties {
    let debit: Int
    let credit: Int
    let hold: Hold?
  }

  /// Check 3. A CAPTURE or RELEASE may leave out what its hold says.
  private static func compare(
    _ transfer: Transfer, with known: KnownTransfer, _ hold: Hold?
  ) -> TransferResult {
    switch known {
    case .refused(let before, let outcome):
      if let field = transfer.firstDifference(from: before) {
        return TransferResult(.existsDifferent, field: field)
      }
      return TransferResult(outcome)
    case .recorded(let before, _):
      var resolved = transfer
      if transfer.kind.resolvesHold {
        resolved.debitAccountID = transfer.debitAccountID ?? before.debitAccountID
        resolved.creditAccountID = transfer.creditAccountID ?? before.creditAccountID
        resolved.currency = transfer.currency ?? before.currency
      }
      if transfer.kind == .capture, transfer.amount == 0, before.amount == hold?.amount {
        resolved.amount = before.amount
      }
      if let field = resolved.firstDifference(from: before) {
        return TransferResult(.existsDifferent, field: field)
      }
      return TransferResult(.exists)
    }
  }

  /// Check 6.
  private static func checkCompatibility(
    _ transfer: Transfer, _ parties: Parties, _ accounts: LoadedAccounts
  ) -> TransferOutcome? {
    let currency = transfer.currency ?? accounts[at: parties.debit].currency
    guard accounts[at: parties.debit].currency == currency,
      accounts[at: parties.credit].currency == currency,
      parties.hold.map({ $0.currency == currency }) ?? true
    else { return .currencyMismatch }
    guard accounts[at: parties.debit].environment == accounts[at: parties.credit].environment
    else { return .environmentMismatch }
    return nil
  }

  /// Check 7.
  private static func checkStates(
    _ parties: Parties, _ accounts: LoadedAccounts, at now: Timestamp
  ) -> TransferOutcome? {
    let debit = accounts[at: parties.debit].state
    let credit = accounts[at: parties.credit].state
    if debit == .frozen || credit == .frozen { return .accountFrozen }
    if debit == .closed || credit == .closed { return .accountClosed }
    switch parties.hold?.state(at: now) {
    case .captured: return .holdCaptured
    case .released: return .holdReleased
    case .expired: return .holdExpired
    case .pending, nil: return nil
    }
  }

  /// Checks 8 to 10, and what the transfer does when it passes.
  private static func checkAmount(
    _ transfer: Transfer, _ parties: Parties, _ accounts: LoadedAccounts, at now: Timestamp
  ) -> Decision {
    let debits = accounts[at: parties.debit].counters
    let credits = accounts[at: parties.credit].counters
    func accept(_ effect: Effect) -> Decision {
      .accept(Accepted(debit: parties.debit, credit: parties.credit, effect: effect))
    }
    switch (transfer.kind, parties.hold) {
    case (.release, let hold?):
      return accept(Effect(movement: Movement(pending: -hold.amount), holdNumber: hold.number))
    case (.capture, let hold?):
      let amount = transfer.amount == 0 ? hold.amount : transfer.amount
      if amount > hold.amount { return .refuse(.exceedsHold) }
      if overflows(debits.debitsPosted, amount) || overflows(credits.creditsPosted, amount) {
        return .refuse(.overflow)
      }
      return accept(
        Effect(
          movement: Movement(posted: amount, pending: -hold.amount), holdNumber: hold.number))
    case (let kind, _):
      let amount = transfer.amount
      if overflows(debits.debitsPosted, debits.debitsPending, amount)
        || overflows(credits.creditsPosted, credits.creditsPending, amount)
      {
        return .refuse(.overflow)
      }
      if let refusal = checkFunds(of: accounts, at: parties.debit, for: amount) {
        return .refuse(refusal)
      }
      guard kind == .hold else { return accept(Effect(movement: Movement(posted: amount))) }
      let life = Int64(transfer.timeoutSeconds)
      return accept(
        Effect(
          movement: Movement(pending: amount),
          expireTime: life == 0 ? nil : now.adding(seconds: life)))
    }
  }

  /// Check 10. The counters and the amount are known not to overflow together.
  private static func checkFunds(
    of accounts: LoadedAccounts, at place: Int, for amount: Int64
  ) -> TransferOutcome? {
    let counters = accounts[at: place].counters
    let shortfall =
      counters.debitsPosted + counters.debitsPending + amount - counters.creditsPosted
    if !accounts[at: place].overdraftAllowed { return shortfall > 0 ? .insufficientFunds : nil }
    let cap = accounts[at: place].netDebitCap
    return cap > 0 && shortfall > cap ? .netDebitCapExceeded : nil
  }

  private static func overflows(_ first: Int64, _ second: Int64, _ third: Int64 = 0) -> Bool {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow || sum.addingReportingOverflow(third).overflow
  }
}
