import Model

/// What a clearing officer may do to an account, as the design describes it.
extension ReferenceLedger {
  enum Change: Hashable {
    case freeze
    case unfreeze
    case close
    case cap(Int64)
  }

  /// Changes an account; returns why not, when it is refused. A refusal leaves everything as it was.
  mutating func change(_ id: AccountID, _ change: Change, at now: Timestamp) -> String? {
    var next = self
    next.expire(at: now)
    guard let account = next.accounts[id], let balance = next.balance(id, at: now) else {
      return "ACCOUNT_NOT_FOUND"
    }
    switch change {
    case .freeze:
      if account.state != .open { return "ACCOUNT_STATE_CONFLICT" }
      next.accounts[id]?.state = .frozen
    case .unfreeze:
      if account.state != .frozen { return "ACCOUNT_STATE_CONFLICT" }
      next.accounts[id]?.state = .open
    case .close:
      if account.state == .closed { return "ACCOUNT_STATE_CONFLICT" }
      if balance.credits != balance.debits { return "ACCOUNT_NOT_EMPTY" }
      if balance.heldDebits != 0 || balance.heldCredits != 0 { return "ACCOUNT_HAS_HOLDS" }
      next.accounts[id]?.state = .closed
    case .cap(let cap):
      if account.state == .closed { return "ACCOUNT_STATE_CONFLICT" }
      if !account.mayOverdraw { return "CAP_WITHOUT_OVERDRAFT" }
      if cap == 0, account.kind != .external { return "CAP_REQUIRED" }
      if cap > 0, balance.credits - balance.debits - balance.heldDebits < -Int128(cap) {
        return "NET_DEBIT_CAP_TOO_LOW"
      }
      next.accounts[id]?.cap = cap
    }
    self = next
    return nil
  }
}
