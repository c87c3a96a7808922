import Model
import SettlementDomain
import Testing

struct AccountChangeTests {
  private static let id = AccountID(high: 1, low: 1)

  private static func account(
    _ state: AccountState, _ change: (inout LedgerScenario.AccountSpec) -> Void = { _ in }
  ) -> Account {
    var spec = LedgerScenario.AccountSpec()
    spec.state = state
    change(&spec)
    return spec.account(id)
  }

  private static func apply(_ action: AccountAction, _ account: inout Account) throws {
    switch action {
    case .freeze: try account.freeze()
    case .unfreeze: try account.unfreeze()
    case .close: try account.close(isAwaited: false)
    case .setNetDebitCap: try account.setNetDebitCap(10)
    }
  }

  @Test(arguments: AccountAction.allCases, AccountState.allCases)
  func eachStateAllowsWhatItShould(action: AccountAction, state: AccountState) throws {
    let next: [AccountAction: [AccountState: AccountState]] = [
      .freeze: [.open: .frozen], .unfreeze: [.frozen: .open],
      .close: [.open: .closed, .frozen: .closed],
      .setNetDebitCap: [.open: .open, .frozen: .frozen],
    ]
    var account = Self.account(state) { $0.overdraftAllowed = true }
    if let expected = next[action]?[state] {
      try Self.apply(action, &account)
      #expect(account.state == expected)
    } else {
      let before = account
      #expect(throws: AccountRefusal.stateConflict(state, action)) {
        try Self.apply(action, &account)
      }
      #expect(account == before)
    }
  }

  @Test func accountWithMoneyIsNotClosed() {
    var rich = Self.account(.open) { $0.counters.creditsPosted = 5 }
    #expect(throws: AccountRefusal.notEmpty(5)) { try rich.close(isAwaited: false) }
    var owing = Self.account(.open) {
      ($0.overdraftAllowed, $0.counters.debitsPosted) = (true, 5)
    }
    #expect(throws: AccountRefusal.notEmpty(-5)) { try owing.close(isAwaited: false) }
    for side in [\Counters.debitsPending, \Counters.creditsPending] {
      var held = Self.account(.frozen) {
        $0.overdraftAllowed = true
        $0.counters[keyPath: side] = 1
      }
      #expect(throws: AccountRefusal.hasHolds) { try held.close(isAwaited: false) }
    }
    var awaited = Self.account(.open)
    #expect(throws: AccountRefusal.awaited) { try awaited.close(isAwaited: true) }
  }

  @Test(arguments: [AccountKind.escrow, .fee, .tax])
  func accountThatTheExchangeHasOneOfIsNotClosed(kind: AccountKind) {
    var account = Self.account(.open) { $0.kind = kind }
    #expect(throws: AccountRefusal.reserved(kind)) { try account.close(isAwaited: false) }
  }

  @Test func capIsNeverBelowWhatIsOwed() throws {
    var account = Self.account(.open) {
      $0.overdraftAllowed = true
      $0.netDebitCap = 100
      $0.counters.debitsPosted = 30
      $0.counters.debitsPending = 20
    }
    #expect(throws: AccountRefusal.capTooLow(lowest: 50)) { try account.setNetDebitCap(49) }
    try account.setNetDebitCap(50)
    #expect(account.netDebitCap == 50)
    #expect(throws: AccountRefusal.capRequired) { try account.setNetDebitCap(0) }
    var plain = Self.account(.open)
    #expect(throws: AccountRefusal.noOverdraft) { try plain.setNetDebitCap(5) }
    var external = Self.account(.open) { ($0.kind, $0.overdraftAllowed) = (.external, true) }
    try external.setNetDebitCap(0)
  }
}
