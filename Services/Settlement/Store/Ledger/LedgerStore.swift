package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The ledger between its rules and its tables: accounts are read once and kept, transfers are written as they
/// are recorded, and counters once for each account and commit, however many transfers changed it.
///
/// One per database, added to its observers before the first write. Within a write its counters alone are right.
// @unchecked: all functions are called on the database's writer, one at a time.
package final class LedgerStore: CommitObserver, @unchecked Sendable {
  /// Most accounts that are kept in memory between commits, of about 250 bytes each.
  package static let accountLimit = 131_072

  /// What the rules work on. Loaded by `load`, written by `save`.
  package var state = LedgerState()
  /// The transfers of the group under way, encoded for the journal.
  package private(set) var group: [UInt8] = []
  private var groupAtRequest = 0
  private var savedCount = (recorded: 0, refused: 0)
  private var tail: Tail?

  /// What is known of the tables without looking.
  private struct Tail {
    var nextExpiry: Timestamp?
    /// No transfer was recorded or refused under a later id: ids that sort by time are mostly new, and known to be.
    var latestID: TransferID
  }

  package init() {}

  // MARK: A batch

  /// Everything that the batch refers to, once the holds whose time has come are returned: expiry
  /// counts from its moment on, whoever comes first after it.
  package func load(
    for batch: [SettlementV1.Transfer], at now: Timestamp, _ db: Database
  ) throws {
    let tail = try loadTail(db)
    if let next = tail.nextExpiry, next <= now { try returnExpiredHolds(at: now, db) }
    let transfers = TransferTable(db)
    let recorded = try transfers.probe()
    let refused = try transfers.refusedProbe()
    for message in batch {
      try loadAccount(message.debitAccountID, db)
      try loadAccount(message.creditAccountID, db)
      if let id = message.id, id <= tail.latestID, !state.isKnown(id),
        try recorded.holds(id) || refused.holds(id), let known = try transfers.find(id)
      {
        state.insert(known, under: id)
      }
      if let id = message.holdID, state.holds[id] == nil, let hold = try HoldTable(db).find(id) {
        state.insert(hold)
        try loadAccount(hold.debitAccountID, db)
        try loadAccount(hold.creditAccountID, db)
      }
    }
  }

  /// Writes what the batch recorded and refused. Its effect on the counters follows with the commit.
  package func save(at now: Timestamp, _ db: Database) throws {
    let transfers = TransferTable(db)
    try transfers.append(state.recorded[savedCount.recorded...])
    for item in state.recorded[savedCount.recorded...] {
      LedgerLink.append(item.entry, to: &group)
      noteID(item.transfer.id)
      switch item.effect {
      case .post: break
      case .hold(let hold):
        try HoldTable(db).insert(hold.number, expireTime: hold.expireTime)
        noteExpiry(hold.expireTime)
      case .capture(let hold, _):
        try HoldTable(db).resolve(hold.number, as: .captured, by: item.entry.sequence)
      case .release(let hold):
        try HoldTable(db).resolve(hold.number, as: .released, by: item.entry.sequence)
      }
    }
    if state.accounts.hasHistory {
      let changes = BalanceChange.changes(
        by: state.recorded[savedCount.recorded...], leaving: state.accounts)
      for change in changes { try HistoryTable(db).append(change) }
    }
    for item in state.refused[savedCount.refused...] {
      try transfers.appendRefused(item.transfer, item.outcome, at: now)
      noteID(item.transfer.id)
    }
    savedCount = (state.recorded.count, state.refused.count)
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

  package func requestBegan() {
    state.beginRequest()
    groupAtRequest = group.count
    savedCount = (0, 0)
  }

  package func requestRolledBack() {
    state.rollBackRequest()
    group.removeSubrange(groupAtRequest...)
    savedCount = (0, 0)
    tail = nil
  }

  package func groupWillCommit(_ db: Database) throws {
    try AccountTable(db).save(state.accounts.changed)
  }

  package func groupCommitted() {
    state.accounts.noteSaved()
    state.accounts.trim(to: Self.accountLimit)
    group.removeAll(keepingCapacity: group.count <= 1 << 20)
  }

  package func groupRolledBack() {
    state = LedgerState()
    group = []
    tail = nil
  }

  private func noteID(_ id: TransferID) {
    let latest = tail?.latestID ?? id
    tail?.latestID = max(latest, id)
  }

  private func noteExpiry(_ time: Timestamp?) {
    guard let time else { return }
    let next = tail?.nextExpiry ?? time
    tail?.nextExpiry = min(next, time)
  }

  private func loadAccount(_ id: AccountID?, _ db: Database) throws {
    guard let id, !state.accounts.touch(id), let account = try AccountTable(db).find(id)?.account
    else { return }
    state.accounts.insert(account)
  }

  private func loadTail(_ db: Database) throws -> Tail {
    if let tail { return tail }
    let transfers = TransferTable(db)
    if state.lastNumber == 0 {
      (state.lastNumber, state.lastTime) = try transfers.last()
    }
    let loaded = Tail(
      nextExpiry: try HoldTable(db).nextExpiry(), latestID: try transfers.latestID())
    tail = loaded
    return loaded
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
    tail?.nextExpiry = try holds.nextExpiry()
  }
}
