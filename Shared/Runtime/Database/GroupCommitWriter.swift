import GRDB
import Logging
import Synchronization

/// Commits requests in groups: those that arrive while a commit is in flight share the next
/// transaction, a savepoint each, and are answered after its fsync. Bodies run one at a time on the
/// database's serial writer queue, never on an event loop or a task's thread.
final class GroupCommitWriter: Sendable {
  private struct State {
    var queue: [WriteRequest] = []
    var isDraining = false
    var isClosed = false
    var observers: [any CommitObserver] = []
    var statistics = WriteStatistics()
  }
  private let pool: DatabasePool
  private let limits: DatabaseLimits
  private let logger: Logger
  private let state = Mutex(State())

  init(_ pool: DatabasePool, limits: DatabaseLimits, logger: Logger) {
    self.pool = pool
    self.limits = limits
    self.logger = logger
  }

  var statistics: WriteStatistics { state.withLock { $0.statistics } }
  var queuedWrites: Int { state.withLock { $0.queue.count } }

  func add(_ observer: any CommitObserver) {
    state.withLock { $0.observers.append(observer) }
  }

  func submit<Value: Sendable>(
    triesWithoutWriting: Bool = false,
    _ body: @escaping @Sendable (Database, Savepoint?) throws -> Value
  ) async throws -> Value {
    let slot = ValueSlot<Value>()
    try await submit(
      WriteRequest(triesWithoutWriting: triesWithoutWriting) { db, savepoint in
        slot.value = try body(db, savepoint)
      })
    guard let value = slot.value else { throw RuntimeError.notStored }
    return value
  }

  /// Returns once the request is on disk.
  private func submit(_ request: WriteRequest) async throws {
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        guard request.attach(continuation) else { return }
        enqueue(request)
      }
    } onCancel: {
      request.cancel()
    }
  }

  /// Refuses what comes from now on; what is queued is still committed.
  func close() {
    state.withLock { $0.isClosed = true }
  }

  private func enqueue(_ request: WriteRequest) {
    let (refusal, startsDraining) = state.withLock { state -> (RuntimeError?, Bool) in
      if state.isClosed { return (.shuttingDown, false) }
      if state.queue.count >= limits.queuedWrites { return (.overloaded, false) }
      state.queue.append(request)
      defer { state.isDraining = true }
      return (nil, !state.isDraining)
    }
    if let refusal { return request.finish(refusal) }
    if startsDraining { pool.asyncWriteWithoutTransaction { db in self.drain(db) } }
  }

  private func drain(_ db: Database) {
    while let (group, observers) = nextGroup() {
      let live = group.filter { $0.start() }
      if !live.isEmpty { commit(live, observers, db) }
    }
  }

  private func nextGroup() -> ([WriteRequest], [any CommitObserver])? {
    state.withLock { state in
      guard !state.queue.isEmpty else {
        state.isDraining = false
        return nil
      }
      let group = Array(state.queue.prefix(limits.writesPerCommit))
      state.queue.removeFirst(group.count)
      return (group, state.observers)
    }
  }

  private func commit(
    _ group: [WriteRequest], _ observers: [any CommitObserver], _ db: Database
  ) {
    do {
      try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
      for request in group { try run(request, observers, db) }
      for observer in observers { try observer.groupWillCommit(db) }
      try db.cachedStatement(sql: "COMMIT").execute()
    } catch {
      logger.error(
        "a commit failed", metadata: ["cause": "\(error)", "requests": "\(group.count)"])
      if db.isInsideTransaction { try? db.execute(sql: "ROLLBACK") }
      for observer in state.withLock({ $0.observers }) { observer.groupRolledBack() }
      state.withLock { $0.statistics.failedCommits += 1 }
      for request in group { request.finish(RuntimeError.notStored) }
      return
    }
    // Those that were added meanwhile hear of it too: what they read so far does not hold this group.
    for observer in state.withLock({ $0.observers }) { observer.groupCommitted() }
    state.withLock { state in
      state.statistics.commits += 1
      state.statistics.requests += group.count
    }
    for request in group { request.finish(nil) }
  }

  /// Throws only when the whole group is lost: SQLite ended the transaction by itself.
  private func run(
    _ request: WriteRequest, _ observers: [any CommitObserver], _ db: Database
  ) throws {
    if request.triesWithoutWriting {
      for observer in observers { try observer.requestWillBegin(db, writes: false) }
      let result = request.run(db, nil)
      guard db.isInsideTransaction else { throw RuntimeError.notStored }
      if result == .succeeded { return }
      for observer in observers { observer.requestRolledBack() }
      if result == .failed { return }
    }
    let savepoint = Savepoint(db: db, observers: observers)
    try savepoint.begin()
    let result = request.run(db, savepoint)
    guard db.isInsideTransaction else { throw RuntimeError.notStored }
    if result != .succeeded {
      try db.cachedStatement(sql: "ROLLBACK TO request").execute()
      for observer in observers { observer.requestRolledBack() }
    }
    try savepoint.release()
  }
}

/// What the writer has done since the database was opened.
package struct WriteStatistics: Sendable, Equatable {
  /// Transactions committed, each with one fsync.
  package var commits = 0
  /// Requests that shared them, refused ones included.
  package var requests = 0
  /// Transactions that could not be committed.
  package var failedCommits = 0
}
