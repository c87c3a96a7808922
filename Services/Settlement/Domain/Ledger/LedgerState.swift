package import Model

/// The ledger in memory: what the rules work on, and what they changed in it. Accounts stay from one request to
/// the next; the rest is of one request.
package struct LedgerState: Sendable {
  /// A transfer that was recorded, with its accounts, currency and amount filled in.
  package struct Recorded: Sendable, Hashable {
    package let entry: LedgerEntry
    package let effect: TransferRule.Effect
    /// Numbers of the two accounts, and of the transfer before this one of each.
    package let debit: Int64
    package let credit: Int64
    package let debitPrevious: Int64
    package let creditPrevious: Int64
    /// How many transfers each account has with this one.
    package let debitCount: Int64
    package let creditCount: Int64

    package var transfer: Transfer { entry.transfer }
  }
  package struct Refused: Sendable, Hashable {
    package let transfer: Transfer
    package let outcome: TransferOutcome
  }
  private enum Step: Sendable {
    case recorded
    case expired(Hold)
    case account(Account)
  }
  package var accounts: LoadedAccounts
  package private(set) var holds: [TransferID: Hold]
  /// The number of the ledger's last transfer.
  package var lastNumber: Int64
  /// Its time: none is recorded with an earlier one, even when the clock was set back.
  package var lastTime = Timestamp.earliest
  /// What the request recorded, in order.
  package private(set) var recorded: [Recorded] = []
  /// What the request refused for good, in order.
  package private(set) var refused: [Refused] = []
  /// Where in `recorded`, or in `refused` counted from -1 downwards.
  private var places: [TransferID: Int] = [:]
  /// What the database knew.
  private var stored: [TransferID: KnownTransfer] = [:]
  /// What to undo, in order.
  private var steps: [Step] = []

  package init(
    accounts: some Sequence<Account> = [], transfers: [TransferID: KnownTransfer] = [:],
    holds: [TransferID: Hold] = [:], lastNumber: Int64 = 0
  ) {
    self.accounts = LoadedAccounts(accounts)
    self.holds = holds
    self.lastNumber = lastNumber
    stored = transfers
  }

  /// Forgets the request before; what it did to the accounts stays.
  package mutating func beginRequest() {
    accounts.beginRequest()
    recorded.removeAll(keepingCapacity: recorded.count <= Self.keptItems)
    refused.removeAll(keepingCapacity: refused.count <= Self.keptItems)
    steps.removeAll(keepingCapacity: steps.count <= Self.keptItems)
    stored.removeAll()
    // Emptying a large table costs as much after a single transfer as after thousands.
    if places.capacity > Self.keptItems {
      places = [:]
    } else {
      places.removeAll(keepingCapacity: true)
    }
    if holds.capacity > Self.keptItems {
      holds = [:]
    } else {
      holds.removeAll(keepingCapacity: true)
    }
  }

  private static let keptItems = 64

  package mutating func reserve(_ count: Int) {
    guard count > Self.keptItems else { return }
    places.reserveCapacity(places.count + count)
    recorded.reserveCapacity(recorded.count + count)
    steps.reserveCapacity(steps.count + count)
  }

  // MARK: What is known

  /// What is known under a transfer's id, in memory.
  package func known(_ id: TransferID) -> KnownTransfer? {
    guard let place = places[id] else { return stored[id] }
    if place >= 0 {
      return .recorded(recorded[place].transfer, at: recorded[place].entry.createTime)
    }
    return .refused(refused[-1 - place].transfer, refused[-1 - place].outcome)
  }

  package func isKnown(_ id: TransferID) -> Bool { places[id] != nil || stored[id] != nil }

  /// Takes in what the database knows under a transfer's id.
  package mutating func insert(_ known: KnownTransfer, under id: TransferID) {
    stored[id] = known
  }

  package mutating func insert(_ hold: Hold) { holds[hold.id] = hold }

  // MARK: Changes

  package mutating func refuse(_ transfer: Transfer, _ outcome: TransferOutcome) {
    places[transfer.id] = -1 - refused.count
    refused.append(Refused(transfer: transfer, outcome: outcome))
  }

  package mutating func record(
    _ transfer: Transfer, _ effect: TransferRule.Effect, at now: Timestamp
  ) {
    var resolved = transfer
    if let hold = effect.resolvedHold { resolved.fill(from: hold) }
    if case .capture(_, let amount) = effect { resolved.amount = amount }
    guard let debitID = resolved.debitAccountID, let creditID = resolved.creditAccountID,
      let debit = accounts[debitID], let credit = accounts[creditID]
    else { preconditionFailure("a transfer is recorded between accounts that were not loaded") }
    lastNumber += 1
    lastTime = max(lastTime, now)
    places[transfer.id] = recorded.count
    recorded.append(
      Recorded(
        entry: LedgerEntry(sequence: lastNumber, transfer: resolved, createTime: lastTime),
        effect: effect.numbered(lastNumber), debit: debit.number, credit: credit.number,
        debitPrevious: debit.lastTransfer, creditPrevious: credit.lastTransfer,
        debitCount: debit.transferCount + 1, creditCount: credit.transferCount + 1))
    steps.append(.recorded)
    let changes = effect.changes
    for index in changes.indices {
      let change = changes[index]
      accounts.change(change.accountID) { [lastNumber] account in
        account.counters.apply(change)
        account.lastTransfer = lastNumber
        account.transferCount += 1
      }
    }
    settle(effect.numbered(lastNumber))
  }

  /// Writes down that a hold has expired: what it set aside returns.
  package mutating func expire(_ hold: Hold) {
    steps.append(.expired(hold))
    holds[hold.id]?.state = .expired
    let changes = hold.changes(sign: -1)
    for index in changes.indices {
      let change = changes[index]
      accounts.change(change.accountID) { $0.counters.apply(change) }
    }
  }

  /// Changes what an officer may change of an account that was loaded: not its counters.
  package mutating func update(_ id: AccountID, _ body: (inout Account) -> Void) {
    guard let before = accounts[id] else {
      preconditionFailure("an account is changed that was not loaded")
    }
    steps.append(.account(before))
    accounts.change(id, body)
  }

  private mutating func settle(_ effect: TransferRule.Effect) {
    switch effect {
    case .post: break
    case .hold(let hold): holds[hold.id] = hold
    case .capture(let hold, _): holds[hold.id]?.state = .captured
    case .release(let hold): holds[hold.id]?.state = .released
    }
  }

  // MARK: Undoing

  /// How far the request had come, to return to when a chain breaks.
  struct Mark {
    fileprivate let steps: Int
  }

  var mark: Mark { Mark(steps: steps.count) }

  /// Undoes what was recorded since `mark`. Refusals stay: they were decided.
  mutating func rollBack(to mark: Mark) {
    while steps.count > mark.steps { undo(steps.removeLast()) }
  }

  /// Undoes everything since the request began, refusals too.
  package mutating func rollBackRequest() {
    rollBack(to: Mark(steps: 0))
    accounts.forgetRequest()
    beginRequest()
  }

  private mutating func undo(_ step: Step) {
    switch step {
    case .account(let before):
      accounts.change(before.id) { $0 = before }
    case .expired(let hold):
      holds[hold.id] = hold
      let changes = hold.changes(sign: 1)
      for index in changes.indices {
        let change = changes[index]
        accounts.change(change.accountID) { $0.counters.apply(change) }
      }
    case .recorded: undo(recorded.removeLast())
    }
  }

  private mutating func undo(_ last: Recorded) {
    places[last.transfer.id] = nil
    lastNumber -= 1
    let changes = last.effect.changes
    for index in changes.indices {
      let change = changes[index]
      accounts.change(change.accountID) { account in
        account.counters.revert(change)
        account.lastTransfer =
          account.number == last.debit ? last.debitPrevious : last.creditPrevious
        account.transferCount -= 1
      }
    }
    switch last.effect {
    case .post: break
    case .hold(let hold): holds[hold.id] = nil
    case .capture(let hold, _), .release(let hold): holds[hold.id] = hold
    }
  }
}

extension Transfer {
  fileprivate mutating func fill(from hold: Hold) {
    debitAccountID = hold.debitAccountID
    creditAccountID = hold.creditAccountID
    currency = hold.currency
  }
}
