import Model

/// The order of checks, read off the design line by line.
enum ReferenceChecks {
  /// Check 2.
  static func malformedField(of transfer: SettlementV1.Transfer) -> String? {
    let resolves = transfer.kind == .capture || transfer.kind == .release
    if isNone(transfer.id) { return "id" }
    if ![.post, .hold, .capture, .release].contains(transfer.kind) { return "kind" }
    if transfer.debitAccountID == nil ? !resolves : isNone(transfer.debitAccountID) {
      return "debit_account_id"
    }
    if transfer.creditAccountID == nil ? !resolves : isNone(transfer.creditAccountID) {
      return "credit_account_id"
    }
    let least: Int64 = resolves ? 0 : 1
    let most: Int64 = transfer.kind == .release ? 0 : 1_000_000_000_000_000
    if transfer.amount < least || transfer.amount > most { return "amount" }
    if Currency(transfer.currencyCode) == nil, !(resolves && transfer.currencyCode.isEmpty) {
      return "currency_code"
    }
    if resolves ? isNone(transfer.holdID) : transfer.holdID != nil { return "hold_id" }
    if transfer.timeoutSeconds < 0 || (transfer.timeoutSeconds > 0 && transfer.kind != .hold) {
      return "timeout_seconds"
    }
    return nil
  }

  private static func isNone<Entity>(_ id: Identifier<Entity>?) -> Bool {
    id.map { $0.high == 0 && $0.low == 0 } ?? true
  }

  /// Check 3: the first field in which a transfer differs from what was decided under its id.
  static func difference(
    _ transfer: SettlementV1.Transfer, _ known: ReferenceLedger.Decision,
    _ hold: ReferenceLedger.Hold?
  ) -> String? {
    let before = known.recorded ?? known.submitted
    var asked = transfer
    if known.recorded != nil, transfer.kind == .capture || transfer.kind == .release {
      asked.debitAccountID = transfer.debitAccountID ?? before.debitAccountID
      asked.creditAccountID = transfer.creditAccountID ?? before.creditAccountID
      if asked.currencyCode.isEmpty { asked.currencyCode = before.currencyCode }
      if transfer.kind == .capture, transfer.amount == 0, before.amount == hold?.amount {
        asked.amount = before.amount
      }
    }
    if asked.kind != before.kind { return "kind" }
    if asked.debitAccountID != before.debitAccountID { return "debit_account_id" }
    if asked.creditAccountID != before.creditAccountID { return "credit_account_id" }
    if asked.amount != before.amount { return "amount" }
    if asked.currencyCode != before.currencyCode { return "currency_code" }
    if asked.holdID != before.holdID { return "hold_id" }
    if asked.timeoutSeconds != before.timeoutSeconds { return "timeout_seconds" }
    if asked.linked != before.linked { return "linked" }
    if asked.orderID != before.orderID { return "order_id" }
    if asked.windowID != before.windowID { return "window_id" }
    return nil
  }

  /// Checks 4 to 10.
  static func outcome(
    of transfer: SettlementV1.Transfer, in ledger: ReferenceLedger, at now: Timestamp
  ) -> SettlementV1.TransferOutcome {
    let hold = ledger.holdOf(transfer)
    let debitID = transfer.debitAccountID ?? hold?.debit
    let creditID = transfer.creditAccountID ?? hold?.credit
    let resolves = transfer.kind == .capture || transfer.kind == .release
    // 4
    if debitID != nil, debitID == creditID { return .accountsMustDiffer }
    // 5
    if let debitID, ledger.accounts[debitID] == nil { return .debitAccountNotFound }
    if let creditID, ledger.accounts[creditID] == nil { return .creditAccountNotFound }
    if resolves, hold == nil || hold?.debit != debitID || hold?.credit != creditID {
      return .holdNotFound
    }
    guard let debitID, let creditID, let debit = ledger.accounts[debitID],
      let credit = ledger.accounts[creditID], let paid = ledger.balance(debitID, at: now),
      let got = ledger.balance(creditID, at: now)
    else { return .holdNotFound }
    // 6
    let currency = transfer.currencyCode.isEmpty ? debit.currency : transfer.currencyCode
    if debit.currency != currency || credit.currency != currency { return .currencyMismatch }
    if debit.environment != credit.environment { return .environmentMismatch }
    // 7
    if debit.state == .frozen || credit.state == .frozen { return .accountFrozen }
    if debit.state == .closed || credit.state == .closed { return .accountClosed }
    switch hold?.fate {
    case .captured: return .holdCaptured
    case .released: return .holdReleased
    case .expired: return .holdExpired
    case .pending, nil: break
    }
    // 8
    if let hold, transfer.amount > hold.amount { return .exceedsHold }
    // 9
    if transfer.kind == .release { return .ok }
    let most = Int128(Int64.max)
    let amount = Int128(transfer.amount == 0 ? hold?.amount ?? 0 : transfer.amount)
    if transfer.kind == .capture {
      return paid.debits + amount > most || got.credits + amount > most ? .overflow : .ok
    }
    if paid.debits + paid.heldDebits + amount > most
      || got.credits + got.heldCredits + amount > most
    {
      return .overflow
    }
    // 10
    let left = paid.credits - paid.debits - paid.heldDebits - amount
    if !debit.mayOverdraw, left < 0 { return .insufficientFunds }
    if debit.cap > 0, left < -Int128(debit.cap) { return .netDebitCapExceeded }
    return .ok
  }
}
