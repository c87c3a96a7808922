import Synchronization

/// What one peer uses of a server over all its connections. A peer is the identity in its certificate;
/// without one, its address.
final class PeerShare: Sendable {
  let name: String
  let calls: CallLimiter
  /// Changed only by the registry, under its lock.
  fileprivate let connections = Atomic(0)

  fileprivate init(name: String, calls: CallLimiter) {
    self.name = name
    self.calls = calls
  }
}

/// The peers that are connected.
final class PeerRegistry: Sendable {
  private let maximumConnections: Int
  private let maximumCalls: Int
  private struct State {
    var shares: [String: PeerShare] = [:]
    /// Peers without a connection whose handlers had not ended when they left.
    var departed: [PeerShare] = []
  }

  private let state = Mutex(State())

  init(_ configuration: RPCServerConfiguration) {
    maximumConnections = configuration.maximumConnectionsPerPeer
    maximumCalls = configuration.maximumConcurrentCallsPerPeer
  }

  /// Counts one more connection of the peer; nil when it has too many. Otherwise `leave` must follow.
  func join(_ name: String) -> PeerShare? {
    state.withLock { state in
      Self.forgetDeparted(&state)
      let share =
        state.shares[name] ?? PeerShare(name: name, calls: CallLimiter(limit: maximumCalls))
      guard share.connections.load(ordering: .relaxed) < maximumConnections else { return nil }
      share.connections.add(1, ordering: .relaxed)
      state.shares[name] = share
      return share
    }
  }

  func leave(_ share: PeerShare) {
    state.withLock { state in
      guard share.connections.subtract(1, ordering: .relaxed).newValue == 0 else { return }
      state.departed.append(share)
      Self.forgetDeparted(&state)
    }
  }

  private static func forgetDeparted(_ state: inout State) {
    state.departed.removeAll { share in
      if share.connections.load(ordering: .relaxed) > 0 { return true }
      guard share.calls.isIdle else { return false }
      state.shares[share.name] = nil
      return true
    }
  }
}
