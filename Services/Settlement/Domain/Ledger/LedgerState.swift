package import Model

/// The ledger in memory: what the rules work on, and what they changed in it. Accounts stay from one commit to the
/// next; transfers and holds until they are in the database.
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
    package let createTime: Timestamp
  }
  private enum Step: Sendable {
    case recorded
    case expired(Hold)
    case account(Account)
  }
  package var accounts: LoadedAccounts
  package private(set) var holds: [TransferID: Hold]
  /// No pending hold expires before; nil when none does.
  package var nextExpiry: Timestamp?
  /// The number of the ledger's last transfer.
  package var lastNumber: Int64
  /// Its time: none is recorded with an earlier one, even when the clock was set back.
  package var lastTime = Timestamp.earliest
  /// What was recorded since `forget`, in order.
  package private(set) var recorded: [Recorded] = []
  /// What was refused for good since then, in order.
  package private(set) var refused: [Refused] = []
  /// Where in `recorded`, or in `refused` counted from -1 downwards.
  private var places = PlaceTable<Entity.Transfer>()
  /// What the database knew.
  private var stored: [TransferID: KnownTransfer] = [:]
  /// What the request did, to be undone from the end.
  private var steps: [Step] = []
  private var refusedAtRequest = 0

  package init(
    accounts: some Sequence<Account> = [], transfers: [TransferID: KnownTransfer] = [:],
    holds: [TransferID: Hold] = [:], lastNumber: Int64 = 0
  ) {
    self.accounts = LoadedAccounts(accounts)
    self.holds = holds
    self.lastNumber = lastNumber
    stored = transfers
  }

  /// From now on is another request, which may be undone by itself.
  package mutating func beginRequest() {
    accounts.beginRequest()
    steps.removeAll(keepingCapacity: steps.count <= Self.keptItems)
    refusedAtRequest = refused.count
    if !stored.isEmpty { stored.removeAll() }
  }

  /// Forgets transfers and holds, once they are in the database; what they did to the accounts stays.
  package mutating func forget() {
    recorded.removeAll(keepingCapacity: recorded.count <= Self.keptItems)
    refused.removeAll(keepingCapacity: refused.count <= Self.keptItems)
    refusedAtRequest = 0
    places.removeAll()
    holds.removeAll(keepingCapacity: holds.count <= Self.keptItems)
  }

  /// As many as a group may leave pending with one more full batch (some 10 MB): room that is kept is not asked for
  /// again with every commit.
  private static let keptItems = 40_960

  package mutating func reserve(_ count: Int) {
    guard count > 64 else { return }
    places.reserve(count)
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

  package mutating func refuse(
    _ transfer: Transfer, _ outcome: TransferOutcome, at now: Timestamp
  ) {
    places.set(transfer.id, to: -1 - refused.count)
    refused.append(Refused(transfer: transfer, outcome: outcome, createTime: now))
  }

  package mutating func record(
    _ transfer: Transfer, _ accepted: TransferRule.Accepted, at now: Timestamp
  ) {
    lastNumber += 1
    lastTime = max(lastTime, now)
    let number = lastNumber
    let (debit, credit, effect) = (accepted.debit, accepted.credit, accepted.effect)
    var resolved = transfer
    resolved.debitAccountID = accounts[at: debit].id
    resolved.creditAccountID = accounts[at: credit].id
    resolved.currency = accounts[at: debit].currency
    if transfer.kind == .capture { resolved.amount = effect.movement.posted }
    places.set(transfer.id, to: recorded.count)
    recorded.append(
      Recorded(
        entry: LedgerEntry(sequence: number, transfer: resolved, createTime: lastTime),
        effect: effect, debit: accounts[at: debit].number, credit: accounts[at: credit].number,
        debitPrevious: accounts[at: debit].lastTransfer,
        creditPrevious: accounts[at: credit].lastTransfer,
        debitCount: accounts[at: debit].transferCount + 1,
        creditCount: accounts[at: credit].transferCount + 1))
    steps.append(.recorded)
    accounts.change(at: debit) { account in
      account.counters.debit(effect.movement)
      account.lastTransfer = number
      account.transferCount += 1
    }
    accounts.change(at: credit) { account in
      account.counters.credit(effect.movement)
      account.lastTransfer = number
      account.transferCount += 1
    }
    switch transfer.kind {
    case .post: break
    case .hold: keep(Hold(resolved, number: number, expireTime: effect.expireTime))
    case .capture: settle(transfer.holdID, as: .captured)
    case .release: settle(transfer.holdID, as: .released)
    }
  }

  /// Writes down that a hold has expired: what it set aside returns.
  package mutating func expire(_ hold: Hold) {
    steps.append(.expired(hold))
    holds[hold.id]?.state = .expired
    move(Movement(pending: -hold.amount), from: hold.debitAccountID, to: hold.creditAccountID)
  }

  /// Changes what an officer may change of an account that was loaded: not its counters.
  package mutating func update(_ id: AccountID, _ body: (inout Account) -> Void) {
    guard let place = accounts.place(of: id) else {
      preconditionFailure("an account is changed that was not loaded")
    }
    steps.append(.account(accounts[at: place]))
    accounts.change(at: place, body)
  }

  private mutating func keep(_ hold: Hold) {
    holds[hold.id] = hold
    if let time = hold.expireTime { nextExpiry = min(nextExpiry ?? time, time) }
  }

  private mutating func settle(_ id: TransferID?, as state: HoldState) {
    if let id { holds[id]?.state = state }
  }

  private mutating func move(_ movement: Movement, from debit: AccountID, to credit: AccountID) {
    guard let debit = accounts.place(of: debit), let credit = accounts.place(of: credit) else {
      preconditionFailure("money is moved between accounts that were not loaded")
    }
    accounts.change(at: debit) { $0.counters.debit(movement) }
    accounts.change(at: credit) { $0.counters.credit(movement) }
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
    for item in refused[refusedAtRequest...] { places.remove(item.transfer.id) }
    refused.removeSubrange(refusedAtRequest...)
    accounts.forgetRequest()
    beginRequest()
  }

  private mutating func undo(_ step: Step) {
    switch step {
    case .account(let before):
      guard let place = accounts.place(of: before.id) else { return }
      accounts.change(at: place) { $0 = before }
    case .expired(let hold):
      holds[hold.id] = hold
      move(Movement(pending: hold.amount), from: hold.debitAccountID, to: hold.creditAccountID)
    case .recorded: undo(recorded.removeLast())
    }
  }

  private mutating func undo(_ last: Recorded) {
    places.remove(last.transfer.id)
    lastNumber -= 1
    guard let debitID = last.transfer.debitAccountID, let creditID = last.transfer.creditAccountID
    else { preconditionFailure("a recorded transfer names its accounts") }
    move(last.effect.movement.reversed, from: debitID, to: creditID)
    forgetLast(of: debitID, last.debitPrevious)
    forgetLast(of: creditID, last.creditPrevious)
    switch last.transfer.kind {
    case .post: break
    case .hold: holds[last.transfer.id] = nil
    case .capture, .release: settle(last.transfer.holdID, as: .pending)
    }
  }

  private mutating func forgetLast(of id: AccountID, _ previous: Int64) {
    guard let place = accounts.place(of: id) else { return }
    accounts.change(at: place) { account in
      account.lastTransfer = previous
      account.transferCount -= 1
    }
  }
}

extension Hold {
  /// The hold that a recorded transfer is.
  fileprivate init(_ transfer: Transfer, number: Int64, expireTime: Timestamp?) {
    guard let debit = transfer.debitAccountID, let credit = transfer.creditAccountID,
      let currency = transfer.currency
    else { preconditionFailure("a recorded transfer names its accounts and currency") }
    self.init(
      id: transfer.id, debitAccountID: debit, creditAccountID: credit, amount: transfer.amount,
      currency: currency, expireTime: expireTime, number: number)
  }
}
