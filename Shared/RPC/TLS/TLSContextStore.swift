import Synchronization

/// The credentials in use now. Replacing them affects new connections; open ones stay.
/// One store may serve a server and the channels of the same process.
package final class TLSContextStore: Sendable {
  private struct State {
    var credentials: TLSCredentials
    var contexts: [TLSContext.Side: TLSContext] = [:]
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
    }
  }

  package var credentials: TLSCredentials { state.withLock { $0.credentials } }

  func context(for side: TLSContext.Side) throws -> TLSContext {
    try state.withLock { state in
      if let context = state.contexts[side] { return context }
      let context = try TLSContext(state.credentials, side: side)
      state.contexts[side] = context
      return context
    }
  }
}
