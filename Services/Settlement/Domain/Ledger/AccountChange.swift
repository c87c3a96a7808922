/// What a clearing officer may do to an account.
package enum AccountAction: String, Sendable, CaseIterable {
  case freeze = "FREEZE"
  case unfreeze = "UNFREEZE"
  case close = "CLOSE"
  case setNetDebitCap = "SET_NET_DEBIT_CAP"
}

extension Account {
  /// Stops it: no transfer may touch it.
  package mutating func freeze() throws(AccountRefusal) {
    try require([.open], for: .freeze)
    state = .frozen
  }

  package mutating func unfreeze() throws(AccountRefusal) {
    try require([.frozen], for: .unfreeze)
    state = .open
  }

  /// Closes it for good. Its counters are those of now: holds that have expired are returned.
  ///
  /// - Parameter isAwaited: whether an order that is not over would pay back to it.
  package mutating func close(isAwaited: Bool) throws(AccountRefusal) {
    try require([.open, .frozen], for: .close)
    if AccountRule.isSingle(kind) { throw .reserved(kind) }
    if balance != 0 { throw .notEmpty(balance) }
    if counters.debitsPending != 0 || counters.creditsPending != 0 { throw .hasHolds }
    if isAwaited { throw .awaited }
    state = .closed
  }

  /// Sets how far below zero it may go: not less than it has gone, so that no account is ever past its cap.
  ///
  /// - Parameter cap: minor units; 0 means without limit, for EXTERNAL accounts alone.
  package mutating func setNetDebitCap(_ cap: Int64) throws(AccountRefusal) {
    try require([.open, .frozen], for: .setNetDebitCap)
    guard overdraftAllowed else { throw .noOverdraft }
    guard cap > 0 || kind == .external else { throw .capRequired }
    guard cap == 0 || available >= -cap else { throw .capTooLow(lowest: -available) }
    netDebitCap = cap
  }

  private func require(
    _ states: [AccountState], for action: AccountAction
  ) throws(AccountRefusal) {
    guard states.contains(state) else { throw .stateConflict(state, action) }
  }
}

extension AccountState {
  /// The proto's name without its prefix.
  package var name: String { "\(self)".uppercased() }
}
