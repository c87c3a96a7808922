import GRDB
import ServiceRuntime
import SettlementStore
import Synchronization

/// Wakes those who follow orders after each commit in which one changed.
final class OrderChanges: CommitObserver {
  private struct State {
    var last: Int64 = 0
    var isNew = false
    var nextWatcher = 0
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// A signal now and one after such commits, until the task ends. Several commits before the
  /// watcher looks count as one.
  func wakeups() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    continuation.yield()
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }
    return stream
  }

  func groupWillCommit(_ db: Database) throws {
    let last = try OrderChangeTable(db).last()
    state.withLock { state in
      state.isNew = last > state.last
      state.last = last
    }
  }

  func groupCommitted() {
    let woken = state.withLock { state in
      defer { state.isNew = false }
      return state.isNew ? Array(state.watchers.values) : []
    }
    for watcher in woken { watcher.yield() }
  }

  func groupRolledBack() {
    state.withLock { state in
      state.isNew = false
      state.last = 0
    }
  }
}
