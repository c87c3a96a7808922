package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The ledger between its rules and its tables: accounts are read once and kept; what requests record stays in memory
/// until the commit, or until a request comes that writes by itself; counters are written once for each account and
/// commit, however many transfers changed it.
///
/// One per database, added to its observers before the first write. Within a write its counters alone are right.
// @unchecked: all functions are called on the database's writer, one at a time.
package final class LedgerStore: CommitObserver, @unchecked Sendable {
  /// Most accounts that are kept in memory between commits, of about 250 bytes each.
  package static let accountLimit = 131_072
  /// Transfers from which on they are written before the commit, of about 400 bytes each.
  static let pendingLimit = 32_768

  /// What the rules work on. Loaded by `load`, written by `save` or with the commit.
  package var state = LedgerState()
  /// The transfers of the group under way that are saved, encoded for the journal.
  private var group: [UInt8] = []
  /// The link that they become, once the commit is under way.
  package private(set) var link: GroupLink?
  /// Kinds of the accounts that the batch loaded last refers to.
  package private(set) var loadedKinds: AccountKinds = []
  private var groupAtRequest = 0
  private var savedCount = (recorded: 0, refused: 0)
  private var encodedCount = 0
  /// Whether the request under way has a savepoint, so that it may write.
  private var mayWrite = false
  private var isTailLoaded = false
  /// No transfer is in the database under a later id: ids that sort by time are mostly new, and known to be.
  private var latestID = TransferID(high: 0, low: 0)

  package init() {}

  // MARK: A batch

  /// Everything that the batch refers to, once the holds whose time has come are returned: expiry
  /// counts from its moment on, whoever comes first after it.
  /// - Throws: `SavepointNeeded` when there are such holds.
  package func load(
    for batch: [SettlementV1.Transfer], at now: Timestamp, _ db: Database
  ) throws {
    try loadTail(db)
    if let next = state.nextExpiry, next <= now {
      guard mayWrite else { throw SavepointNeeded() }
      try returnExpiredHolds(at: now, db)
    }
    loadedKinds = []
    for message in batch {
      try loadAccount(message.debitAccountID, db)
      try loadAccount(message.creditAccountID, db)
      if let id = message.id, id <= latestID, !state.isKnown(id) { try loadTransfer(id, db) }
      if let id = message.holdID, state.holds[id] == nil, let hold = try HoldTable(db).find(id) {
        state.insert(hold)
        try loadAccount(hold.debitAccountID, db)
        try loadAccount(hold.creditAccountID, db)
      }
    }
  }

  /// Writes what was recorded and refused. Its effect on the counters follows with the commit.
  package func save(_ db: Database) throws {
    encode()
    let (recorded, refused) = (
      state.recorded[savedCount.recorded...], state.refused[savedCount.refused...]
    )
    let transfers = TransferTable(db)
    try transfers.append(recorded)
    for item in recorded where item.transfer.kind != .post { try saveHold(item, db) }
    if state.accounts.hasHistory {
      for change in BalanceChange.changes(by: recorded, leaving: state.accounts) {
        try HistoryTable(db).append(change)
      }
    }
    for item in refused {
      try transfers.append(item)
      latestID = max(latestID, item.transfer.id)
    }
    savedCount = (state.recorded.count, state.refused.count)
  }

  /// Adds what was recorded since the last time to the group's encoding.
  private func encode() {
    for item in state.recorded[encodedCount...] {
      LedgerLink.append(item.entry, to: &group)
      latestID = max(latestID, item.transfer.id)
    }
    encodedCount = state.recorded.count
  }

  private func saveHold(_ item: LedgerState.Recorded, _ db: Database) throws {
    let holds = HoldTable(db)
    let (number, held) = (item.entry.sequence, item.effect.holdNumber)
    switch item.transfer.kind {
    case .post: break
    case .hold: try holds.insert(number, expireTime: item.effect.expireTime)
    case .capture: try holds.resolve(held, as: .captured, by: number)
    case .release: try holds.resolve(held, as: .released, by: number)
    }
  }

  /// An account with its counters as the write has left them so far; nil when there is none.
  package func account(_ id: AccountID, _ db: Database) throws -> Account? {
    try loadAccount(id, db)
    return state.accounts[id]
  }

  /// Changes what an officer may change of an account. Does nothing when there is no such account.
  package func update(
    _ id: AccountID, _ db: Database, _ body: (inout Account) -> Void
  ) throws {
    guard try account(id, db) != nil else { return }
    state.update(id, body)
    guard let changed = state.accounts[id] else { return }
    try AccountTable(db).save(changed.state, netDebitCap: changed.netDebitCap, of: changed.number)
  }

  // MARK: The commit

  package func requestWillBegin(_ db: Database, writes: Bool) throws {
    if writes || state.recorded.count + state.refused.count >= Self.pendingLimit {
      try save(db)
      forgetSaved()
    }
    mayWrite = writes
    groupAtRequest = group.count
    state.beginRequest()
  }

  package func requestRolledBack() {
    state.rollBackRequest()
    group.removeSubrange(groupAtRequest...)
    savedCount = (
      min(savedCount.recorded, state.recorded.count), min(savedCount.refused, state.refused.count)
    )
    encodedCount = savedCount.recorded
    isTailLoaded = false
  }

  package func groupWillCommit(_ db: Database) throws {
    encode()
    if !group.isEmpty { link = GroupLink(after: try JournalTable(db).head(), entries: group) }
    try save(db)
    try AccountTable(db).save(state.accounts.changed)
  }

  package func groupCommitted() {
    forgetSaved()
    link = nil
    state.accounts.noteSaved()
    state.accounts.trim(to: Self.accountLimit)
    group.removeAll(keepingCapacity: group.count <= 1 << 20)
  }

  package func groupRolledBack() {
    state = LedgerState()
    group = []
    link = nil
    savedCount = (0, 0)
    encodedCount = 0
    isTailLoaded = false
  }

  private func forgetSaved() {
    state.forget()
    savedCount = (0, 0)
    encodedCount = 0
  }

  private func loadAccount(_ id: AccountID?, _ db: Database) throws {
    guard let id else { return }
    if let kind = state.accounts.touch(id) {
      loadedKinds.formUnion(AccountKinds(kind))
    } else if let account = try AccountTable(db).find(id)?.account {
      state.accounts.insert(account)
      loadedKinds.formUnion(AccountKinds(account.kind))
    }
  }

  private func loadTransfer(_ id: TransferID, _ db: Database) throws {
    let transfers = TransferTable(db)
    guard try transfers.probe().holds(id) || transfers.refusedProbe().holds(id),
      let known = try transfers.find(id)
    else { return }
    state.insert(known, under: id)
  }

  private func loadTail(_ db: Database) throws {
    if isTailLoaded { return }
    let transfers = TransferTable(db)
    if state.lastNumber == 0 {
      (state.lastNumber, state.lastTime) = try transfers.last()
    }
    latestID = try transfers.latestID()
    let stored = try HoldTable(db).nextExpiry()
    state.nextExpiry = [stored, state.nextExpiry].compactMap(\.self).min()
    isTailLoaded = true
  }

  private func returnExpiredHolds(at now: Timestamp, _ db: Database) throws {
    let holds = HoldTable(db)
    for hold in try holds.due(at: now) {
      try loadAccount(hold.debitAccountID, db)
      try loadAccount(hold.creditAccountID, db)
      try holds.resolve(hold.number, as: .expired, by: nil)
      state.expire(hold)
      for id in [hold.debitAccountID, hold.creditAccountID] {
        guard let account = state.accounts[id], account.history else { continue }
        try HistoryTable(db).append(
          BalanceChange(
            accountID: id, transferID: hold.id, createTime: hold.expireTime ?? now,
            counters: account.counters))
      }
    }
    state.nextExpiry = try holds.nextExpiry()
  }
}
