package import Model

/// Checks 3 to 10 of one well-formed transfer against what the ledger holds.
package enum TransferRule {
  package enum Decision: Sendable, Hashable {
    /// It was decided before: nothing changes.
    case replay(TransferResult)
    /// Refused for good.
    case refuse(TransferOutcome)
    case accept(Effect)
  }

  /// What an accepted transfer does.
  package enum Effect: Sendable, Hashable {
    case post(debit: AccountID, credit: AccountID, amount: Int64)
    case hold(Hold)
    case capture(Hold, amount: Int64)
    case release(Hold)
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
    let debit = debitID.flatMap { ledger.accounts[$0] }
    let credit = creditID.flatMap { ledger.accounts[$0] }
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
    if let refusal = checkCompatibility(transfer, parties) ?? checkStates(parties, at: now) {
      return .refuse(refusal)
    }
    return checkAmount(transfer, parties, at: now)
  }

  private struct Parties {
    let debit: Account
    let credit: Account
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
    _ transfer: Transfer, _ parties: Parties
  ) -> TransferOutcome? {
    let currency = transfer.currency ?? parties.debit.currency
    guard parties.debit.currency == currency, parties.credit.currency == currency,
      parties.hold.map({ $0.currency == currency }) ?? true
    else { return .currencyMismatch }
    guard parties.debit.environment == parties.credit.environment else {
      return .environmentMismatch
    }
    return nil
  }

  /// Check 7.
  private static func checkStates(_ parties: Parties, at now: Timestamp) -> TransferOutcome? {
    let states = [parties.debit.state, parties.credit.state]
    if states.contains(.frozen) { return .accountFrozen }
    if states.contains(.closed) { return .accountClosed }
    switch parties.hold?.state(at: now) {
    case .captured: return .holdCaptured
    case .released: return .holdReleased
    case .expired: return .holdExpired
    case .pending, nil: return nil
    }
  }

  /// Checks 8 to 10, and what the transfer does when it passes.
  private static func checkAmount(
    _ transfer: Transfer, _ parties: Parties, at now: Timestamp
  ) -> Decision {
    let (debit, credit) = (parties.debit, parties.credit)
    switch (transfer.kind, parties.hold) {
    case (.release, let hold?):
      return .accept(.release(hold))
    case (.capture, let hold?):
      let amount = transfer.amount == 0 ? hold.amount : transfer.amount
      if amount > hold.amount { return .refuse(.exceedsHold) }
      if overflows(debit.counters.debitsPosted, amount)
        || overflows(credit.counters.creditsPosted, amount)
      {
        return .refuse(.overflow)
      }
      return .accept(.capture(hold, amount: amount))
    case (let kind, _):
      let amount = transfer.amount
      if overflows(debit.counters.debitsPosted, debit.counters.debitsPending, amount)
        || overflows(credit.counters.creditsPosted, credit.counters.creditsPending, amount)
      {
        return .refuse(.overflow)
      }
      if let refusal = checkFunds(of: debit, for: amount) { return .refuse(refusal) }
      guard kind == .hold else {
        return .accept(.post(debit: debit.id, credit: credit.id, amount: amount))
      }
      let life = Int64(transfer.timeoutSeconds)
      return .accept(
        .hold(
          Hold(
            id: transfer.id, debitAccountID: debit.id, creditAccountID: credit.id, amount: amount,
            currency: debit.currency, expireTime: life == 0 ? nil : now.adding(seconds: life))))
    }
  }

  /// Check 10. The counters and the amount are known not to overflow together.
  private static func checkFunds(of account: Account, for amount: Int64) -> TransferOutcome? {
    let debits = account.counters.debitsPosted + account.counters.debitsPending + amount
    let shortfall = debits - account.counters.creditsPosted
    if !account.overdraftAllowed { return shortfall > 0 ? .insufficientFunds : nil }
    if account.netDebitCap == 0 { return nil }
    return shortfall > account.netDebitCap ? .netDebitCapExceeded : nil
  }

  private static func overflows(_ terms: Int64...) -> Bool {
    var sum: Int64 = 0
    for term in terms {
      let (next, overflow) = sum.addingReportingOverflow(term)
      if overflow { return true }
      sum = next
    }
    return false
  }
}
