import Synchronization

/// The credentials in use now. Replacing them affects new connections; open ones finish their calls,
/// and channels take new ones for later calls.
/// One store may serve a server and the channels of the same process.
package final class TLSContextStore: Sendable {
  private struct State {
    var credentials: TLSCredentials
    var contexts: [TLSContext.Side: TLSContext] = [:]
    var generation = 0
  }

  private let state: Mutex<State>

  /// Throws when the chain, key or anchors do not parse or do not belong together.
  package init(_ credentials: TLSCredentials) throws {
    _ = try TLSContext(credentials, side: .client)
    state = Mutex(State(credentials: credentials))
  }

  /// Replaces the credentials, or throws and keeps the old ones.
  package func reload(_ credentials: TLSCredentials) throws {
    let sides = state.withLock { Array($0.contexts.keys) }
    var contexts: [TLSContext.Side: TLSContext] = [:]
    for side in Set(sides + [.client]) {
      contexts[side] = try TLSContext(credentials, side: side)
    }
    state.withLock { [contexts] in
      $0.credentials = credentials
      $0.contexts = contexts
      $0.generation += 1
    }
  }

  package var credentials: TLSCredentials { state.withLock { $0.credentials } }

  /// Grows with every reload.
  var generation: Int { state.withLock { $0.generation } }

  func context(for side: TLSContext.Side) throws -> TLSContext {
    try state.withLock { state in
      if let context = state.contexts[side] { return context }
      let context = try TLSContext(state.credentials, side: side)
      state.contexts[side] = context
      return context
    }
  }
}
