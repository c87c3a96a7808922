import AuditDomain
import AuditStore
import Synchronization

/// The newest published checkpoint, and those who wait for a later one.
final class LogHead: Sendable {
  private struct Waiter {
    let size: Int
    let continuation: CheckedContinuation<SignedCheckpoint?, Never>
  }
  private struct State {
    var newest: SignedCheckpoint?
    var waiters: [UInt64: Waiter] = [:]
    var nextWaiter: UInt64 = 0
  }
  private let patience: Duration
  private let state: Mutex<State>

  /// - Parameter patience: how long callers wait whose deadline is later still.
  init(_ newest: SignedCheckpoint?, patience: Duration = .seconds(10)) {
    self.patience = patience
    state = Mutex(State(newest: newest))
  }

  /// Announces a checkpoint that is on disk.
  func publish(_ checkpoint: SignedCheckpoint) {
    let served = state.withLock { state in
      state.newest = checkpoint
      let served = state.waiters.filter { $0.value.size <= checkpoint.size }
      for id in served.keys { state.waiters[id] = nil }
      return served.values
    }
    for waiter in served { waiter.continuation.resume(returning: checkpoint) }
  }

  /// The newest checkpoint once it covers `size` entries, which it does within a second of their
  /// commit. Throws `AuditError.checkpointPending` when it takes much longer, or longer than `patience`.
  func covering(_ size: Int, within patience: Duration? = nil) async throws -> SignedCheckpoint {
    if let newest = state.withLock({ $0.newest }), newest.size >= size { return newest }
    return try await withThrowingTaskGroup(of: SignedCheckpoint?.self) { group in
      group.addTask { await self.next(size) }
      group.addTask {
        try await Task.sleep(for: patience ?? self.patience)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let checkpoint = first else {
        try Task.checkCancellation()
        throw AuditError.checkpointPending
      }
      return checkpoint
    }
  }

  /// Nil when the task is cancelled first.
  private func next(_ size: Int) async -> SignedCheckpoint? {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state -> SignedCheckpoint?? in
          if let newest = state.newest, newest.size >= size { return newest }
          if Task.isCancelled { return .some(nil) }
          state.waiters[id] = Waiter(size: size, continuation: continuation)
          return nil
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
      waiter?.continuation.resume(returning: nil)
    }
  }
}
