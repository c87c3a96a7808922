import GRDB
import Synchronization

/// A request in the writer's queue, its value type erased.
protocol PendingWrite: AnyObject, Sendable {
  /// Claims the request for a group. False when its task was cancelled first.
  func start() -> Bool
  /// Runs the body and keeps its outcome until the group's fate is known.
  /// Returns false when the body threw, and its changes must be rolled back.
  func run(_ db: Database, _ savepoint: Savepoint) -> Bool
  /// Answers: with the kept outcome, or with `failure` when the group did not reach the disk.
  func finish(_ failure: (any Error)?)
}

final class WriteRequest<Value: Sendable>: PendingWrite {
  typealias Body = @Sendable (Database, Savepoint) throws -> Value
  private enum State {
    case created
    case waiting(CheckedContinuation<Value, any Error>)
    case started(CheckedContinuation<Value, any Error>, Result<Value, any Error>?)
    case cancelled
    case answered
  }
  private let body: Body
  private let state = Mutex(State.created)

  init(_ body: @escaping Body) { self.body = body }

  /// Binds the waiting task. False when it was cancelled before, and has been told so.
  func attach(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
    let attached = state.withLock { state in
      if case .cancelled = state { return false }
      state = .waiting(continuation)
      return true
    }
    if !attached { continuation.resume(throwing: CancellationError()) }
    return attached
  }

  /// Takes the request back if it has not started. What has started runs to its commit.
  func cancel() {
    let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
      switch state {
      case .created:
        state = .cancelled
        return nil
      case .waiting(let continuation):
        state = .cancelled
        return continuation
      case .started, .cancelled, .answered:
        return nil
      }
    }
    waiting?.resume(throwing: CancellationError())
  }

  func start() -> Bool {
    state.withLock { state in
      guard case .waiting(let continuation) = state else { return false }
      state = .started(continuation, nil)
      return true
    }
  }

  func run(_ db: Database, _ savepoint: Savepoint) -> Bool {
    let outcome = Result { try body(db, savepoint) }.mapError(storageFailure)
    state.withLock { state in
      guard case .started(let continuation, _) = state else { return }
      state = .started(continuation, outcome)
    }
    if case .failure = outcome { return false }
    return true
  }

  func finish(_ failure: (any Error)?) {
    let answer = state.withLock { state -> (() -> Void)? in
      let outcome: Result<Value, any Error>?
      let continuation: CheckedContinuation<Value, any Error>
      switch state {
      case .waiting(let waiting): (continuation, outcome) = (waiting, nil)
      case .started(let started, let kept): (continuation, outcome) = (started, kept)
      case .created, .cancelled, .answered: return nil
      }
      state = .answered
      if case .failure(let own)? = outcome { return { continuation.resume(throwing: own) } }
      guard let outcome, failure == nil else {
        return { continuation.resume(throwing: failure ?? RuntimeError.notStored) }
      }
      return { continuation.resume(with: outcome) }
    }
    answer?()
  }
}

/// The savepoint that one request runs in. Valid only while its body runs.
struct Savepoint {
  let db: Database
  let observers: [any CommitObserver]

  func begin() throws {
    try FastStatement(db, "SAVEPOINT request").run()
    for observer in observers { observer.requestBegan() }
  }

  /// Undoes everything the request wrote so far; it may go on writing.
  func rollback() throws {
    try db.cachedStatement(sql: "ROLLBACK TO request").execute()
    for observer in observers { observer.requestRolledBack() }
    for observer in observers { observer.requestBegan() }
  }

  func release() throws { try FastStatement(db, "RELEASE request").run() }
}

/// A disk that is full or broken is a matter of the moment, whichever statement meets it.
private func storageFailure(_ error: any Error) -> any Error {
  guard let error = error as? DatabaseError else { return error }
  return switch error.resultCode {
  case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_NOMEM: RuntimeError.notStored
  default: error
  }
}
