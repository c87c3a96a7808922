import GRDB
import Synchronization

/// A request in the writer's queue. It knows nothing of the value that its body makes: the hot path has no generic code.
final class WriteRequest: Sendable {
  /// Without a savepoint nothing may be written.
  typealias Body = @Sendable (Database, Savepoint?) throws -> Void
  // Unsafe continuations, resumed exactly once: by whoever takes the request from `waiting` or `started`.
  private enum State {
    case created
    case waiting(UnsafeContinuation<Void, any Error>)
    case started(UnsafeContinuation<Void, any Error>, (any Error)?)
    case cancelled
    case answered
  }
  enum RunResult {
    case succeeded
    case failed
    /// The body has to write after all, and must run again in a savepoint.
    case needsSavepoint
  }
  /// Whether the body is first tried without a savepoint.
  let triesWithoutWriting: Bool
  private let body: Body
  private let state = Mutex(State.created)

  init(triesWithoutWriting: Bool = false, _ body: @escaping Body) {
    self.triesWithoutWriting = triesWithoutWriting
    self.body = body
  }

  /// Binds the waiting task. False when it was cancelled before, and has been told so.
  func attach(_ continuation: UnsafeContinuation<Void, any Error>) -> Bool {
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
    let waiting: UnsafeContinuation<Void, any Error>? = state.withLock { state in
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

  /// Claims the request for a group. False when its task was cancelled first.
  func start() -> Bool {
    state.withLock { state in
      guard case .waiting(let continuation) = state else { return false }
      state = .started(continuation, nil)
      return true
    }
  }

  /// Runs the body and keeps how it ended until the group's fate is known. Unless it succeeded, its changes must be
  /// rolled back.
  func run(_ db: Database, _ savepoint: Savepoint?) -> RunResult {
    do {
      try body(db, savepoint)
      return .succeeded
    } catch is SavepointNeeded where savepoint == nil {
      return .needsSavepoint
    } catch {
      let failure = storageFailure(error)
      state.withLock { state in
        guard case .started(let continuation, _) = state else { return }
        state = .started(continuation, failure)
      }
      return .failed
    }
  }

  /// Answers: with the body's own failure, with `failure` when the group did not reach the disk, or that all is well.
  func finish(_ failure: (any Error)?) {
    let (continuation, own) = state.withLock {
      state -> (UnsafeContinuation<Void, any Error>?, (any Error)?) in
      defer { state = .answered }
      switch state {
      case .waiting(let continuation): return (continuation, nil)
      case .started(let continuation, let own): return (continuation, own)
      case .created, .cancelled, .answered: return (nil, nil)
      }
    }
    if let error = own ?? failure {
      continuation?.resume(throwing: error)
    } else {
      continuation?.resume()
    }
  }
}

/// Where the body of a request leaves its value.
// @unchecked: written by the writer before the request is answered, read by who asked after.
final class ValueSlot<Value: Sendable>: @unchecked Sendable {
  var value: Value?
}

/// Thrown by a body that runs without a savepoint and has to write after all.
package struct SavepointNeeded: Error {
  package init() {}
}

/// The savepoint that one request runs in. Valid only while its body runs.
struct Savepoint {
  let db: Database
  let observers: [any CommitObserver]

  func begin() throws {
    for observer in observers { try observer.requestWillBegin(db, writes: true) }
    try FastStatement(db, "SAVEPOINT request").run()
  }

  /// Undoes everything the request wrote so far; it may go on writing.
  func rollback() throws {
    try db.cachedStatement(sql: "ROLLBACK TO request").execute()
    for observer in observers { observer.requestRolledBack() }
    for observer in observers { try observer.requestWillBegin(db, writes: true) }
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
