import ServiceLifecycle
import ServiceRuntime
import Synchronization
import TransparencyLog

/// Keeps the log from signing before it is known what witnesses have seen of it, and after one of them has seen what the
/// log does not hold.
final class SigningFence: Sendable {
  private enum State {
    case waiting(Set<Int>)
    case open
    case refused(StartupError)
  }
  private let policy: WitnessPolicy?
  private let state: Mutex<State>
  /// Ends when there is nothing more to wait for.
  private let waiting: AsyncStream<Void>
  private let decision: AsyncStream<Void>.Continuation

  /// - Parameter policy: every quorum that it allows must have a witness that was heard; nil for no fence.
  init(_ policy: WitnessPolicy?) {
    self.policy = policy
    let isOpen = policy?.meetsEveryQuorum([]) ?? true
    state = Mutex(isOpen ? .open : .waiting([]))
    (waiting, decision) = AsyncStream.makeStream()
    if isOpen { decision.finish() }
  }

  /// A witness has cosigned what the log holds: it has seen nothing else. True when this opens the fence.
  @discardableResult
  func heard(_ witness: Int) -> Bool {
    let isOpen = state.withLock { state in
      guard case .waiting(var heard) = state else { return false }
      heard.insert(witness)
      let isOpen = policy?.meetsEveryQuorum(heard) ?? true
      state = isOpen ? .open : .waiting(heard)
      return isOpen
    }
    if isOpen { decision.finish() }
    return isOpen
  }

  /// Nothing may be signed any more.
  func refuse(_ error: StartupError) {
    state.withLock { $0 = .refused(error) }
    decision.finish()
  }

  /// Returns once something may be signed; false when the process stops before.
  /// - Throws: the refusal.
  func opening() async throws -> Bool {
    for await _ in waiting.cancelOnGracefulShutdown() {}
    return try isOpen()
  }

  /// Whether something may be signed now.
  /// - Throws: the refusal.
  func isOpen() throws -> Bool {
    switch state.withLock({ $0 }) {
    case .open: true
    case .waiting: false
    case .refused(let error): throw error
    }
  }
}
