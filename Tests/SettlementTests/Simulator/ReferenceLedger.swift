import Model
import SettlementDomain

/// The ledger as the design describes it, written to be read: no database, no cache, and nothing of the rules that
/// it is there to check. What it and the real ledger disagree on is a fault of one of them.
struct ReferenceLedger {
  struct Account: Hashable {
    let currency: String
    let environment: TypeV1.Environment
    let kind: SettlementV1.AccountKind
    let mayOverdraw: Bool
    var cap: Int64
    let hasHistory: Bool
    var state = SettlementV1.AccountState.open
    var debits: Int128 = 0
    var credits: Int128 = 0
    /// Counters after each change.
    var history: [Balance] = []
  }

  struct Balance: Hashable {
    var debits: Int128
    var heldDebits: Int128
    var credits: Int128
    var heldCredits: Int128
  }

  struct Hold: Hashable {
    let debit: AccountID
    let credit: AccountID
    let amount: Int64
    let currency: String
    let expires: Timestamp?
    /// Its place among what was recorded.
    let order: Int
    var fate = Fate.pending
  }

  enum Fate { case pending, captured, released, expired }

  /// What was decided about a transfer, as submitted and, when it was recorded, with everything filled in.
  struct Decision: Hashable {
    let submitted: SettlementV1.Transfer
    let recorded: SettlementV1.Transfer?
    let outcome: SettlementV1.TransferOutcome
  }

  var accounts: [AccountID: Account] = [:]
  /// Holds that still count, and what became of the others.
  var pending: [TransferID: Hold] = [:]
  var settled: [TransferID: Hold] = [:]
  var decisions: [TransferID: Decision] = [:]
  private var recordedCount = 0

  // MARK: Balances

  /// What an account has at a time, holds that have run out left aside.
  func balance(_ id: AccountID, at now: Timestamp) -> Balance? {
    guard let account = accounts[id] else { return nil }
    var balance = Balance(
      debits: account.debits, heldDebits: 0, credits: account.credits, heldCredits: 0)
    for hold in pending.values where !hold.isOver(at: now) {
      if hold.debit == id { balance.heldDebits += Int128(hold.amount) }
      if hold.credit == id { balance.heldCredits += Int128(hold.amount) }
    }
    return balance
  }

  // MARK: Batches

  mutating func submit(
    _ batch: [SettlementV1.Transfer], at now: Timestamp
  ) -> [SettlementV1.TransferResult] {
    expire(at: now)
    var results: [SettlementV1.TransferResult] = []
    var rest = batch[...]
    while !rest.isEmpty {
      let length = (rest.firstIndex { !$0.linked } ?? rest.endIndex - 1) - rest.startIndex + 1
      results += submit(chain: Array(rest.prefix(length)), at: now)
      rest = rest.dropFirst(length)
    }
    return results
  }

  private mutating func submit(
    chain: [SettlementV1.Transfer], at now: Timestamp
  ) -> [SettlementV1.TransferResult] {
    guard chain.last?.linked == false else {
      return chain.dropLast().map { _ in .init(outcome: .linkedFailed) }
        + [.init(outcome: .chainOpen)]
    }
    let before = (accounts, pending, settled)
    var added: [TransferID] = []
    var results: [SettlementV1.TransferResult] = []
    for transfer in chain {
      let result = submit(transfer, at: now)
      if result.outcome == .ok || result.outcome == .exists {
        if result.outcome == .ok, let id = transfer.id { added.append(id) }
        results.append(result)
        continue
      }
      // The chain is undone; that this one was refused stays.
      (accounts, pending, settled) = before
      for id in added { decisions[id] = nil }
      var failed = chain.map { _ in SettlementV1.TransferResult(outcome: .linkedFailed) }
      failed[results.count] = result
      return failed
    }
    return results
  }

  private mutating func submit(
    _ transfer: SettlementV1.Transfer, at now: Timestamp
  ) -> SettlementV1.TransferResult {
    if let field = ReferenceChecks.malformedField(of: transfer) {
      return .init(outcome: .shapeInvalid, field: field)
    }
    guard let id = transfer.id else { return .init(outcome: .shapeInvalid, field: "id") }
    if let known = decisions[id] {
      if let field = ReferenceChecks.difference(transfer, known, holdOf(transfer)) {
        return .init(outcome: .existsDifferent, field: field)
      }
      return .init(outcome: known.outcome == .ok ? .exists : known.outcome)
    }
    let outcome = ReferenceChecks.outcome(of: transfer, in: self, at: now)
    var recorded: SettlementV1.Transfer?
    if outcome == .ok { recorded = carryOut(transfer, id, at: now) }
    decisions[id] = Decision(submitted: transfer, recorded: recorded, outcome: outcome)
    return .init(outcome: outcome)
  }

  func holdOf(_ transfer: SettlementV1.Transfer) -> Hold? {
    transfer.holdID.flatMap { pending[$0] ?? settled[$0] }
  }

  // MARK: Movements

  private mutating func carryOut(
    _ transfer: SettlementV1.Transfer, _ id: TransferID, at now: Timestamp
  ) -> SettlementV1.Transfer {
    var filled = transfer
    let hold = holdOf(transfer)
    filled.debitAccountID = transfer.debitAccountID ?? hold?.debit
    filled.creditAccountID = transfer.creditAccountID ?? hold?.credit
    if filled.currencyCode.isEmpty { filled.currencyCode = hold?.currency ?? "" }
    guard let debit = filled.debitAccountID, let credit = filled.creditAccountID else {
      return filled
    }
    recordedCount += 1
    switch transfer.kind {
    case .hold:
      let life = Int64(transfer.timeoutSeconds)
      pending[id] = Hold(
        debit: debit, credit: credit, amount: transfer.amount, currency: transfer.currencyCode,
        expires: life == 0 ? nil : now.adding(seconds: life), order: recordedCount)
    case .capture:
      if transfer.amount == 0 { filled.amount = hold?.amount ?? 0 }
      settle(transfer.holdID, .captured)
      move(filled.amount, debit, credit)
    case .release: settle(transfer.holdID, .released)
    case .post, .unspecified, .unrecognized: move(transfer.amount, debit, credit)
    }
    note(debit, credit, at: now)
    return filled
  }

  private mutating func move(_ amount: Int64, _ debit: AccountID, _ credit: AccountID) {
    accounts[debit]?.debits += Int128(amount)
    accounts[credit]?.credits += Int128(amount)
  }

  private mutating func settle(_ id: TransferID?, _ fate: Fate) {
    guard let id, var hold = pending.removeValue(forKey: id) else { return }
    hold.fate = fate
    settled[id] = hold
  }

  private mutating func note(_ debit: AccountID, _ credit: AccountID, at now: Timestamp) {
    for id in [debit, credit] where accounts[id]?.hasHistory == true {
      if let balance = balance(id, at: .earliest) { accounts[id]?.history.append(balance) }
    }
  }

  /// Whoever comes at or after a hold's moment finds it expired, for good.
  mutating func expire(at now: Timestamp) {
    let over = pending.filter { $0.value.isOver(at: now) }
    for (id, hold) in over.sorted(by: { $0.value.order < $1.value.order }) {
      settle(id, .expired)
      note(hold.debit, hold.credit, at: now)
    }
  }
}

extension ReferenceLedger.Hold {
  func isOver(at now: Timestamp) -> Bool { expires.map { now >= $0 } ?? false }
}
