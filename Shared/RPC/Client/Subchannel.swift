import NIOCore

/// Where a connection goes.
struct Endpoint: Sendable, Hashable {
  let service: ServiceAddress
  let address: SocketAddress
}

/// One address of a channel's target, and the connections to it that take calls.
///
///     idle ──► connecting ──► ready ──► idle         the last connection is lost or drains
///      ▲           │
///      └─ backingOff ◄┘                              the attempt failed; a jittered, doubling time passes
///
/// Only calls move an address out of `idle`. In `ready`, an attempt adds a further connection.
struct Subchannel {
  enum State {
    case idle
    case connecting
    case ready
    case backingOff
  }

  private enum Attempt {
    case none
    /// The name is being looked up.
    case resolving
    case connecting
    /// The last one failed.
    case resting
  }

  let id: Int
  let service: ServiceAddress
  /// Nil until the name has been looked up for the first time.
  private(set) var address: SocketAddress?
  private(set) var connections: [ClientConnectionHandle] = []
  private var attempt = Attempt.none
  private var backoff: Duration?

  init(id: Int, service: ServiceAddress, address: SocketAddress?) {
    self.id = id
    self.service = service
    self.address = address
  }

  var state: State {
    guard connections.isEmpty else { return .ready }
    switch attempt {
    case .none: return .idle
    case .resolving, .connecting: return .connecting
    case .resting: return .backingOff
    }
  }

  var isResolving: Bool { attempt == .resolving }
  var endpoint: Endpoint? { address.map { Endpoint(service: service, address: $0) } }

  /// The connection with the fewest calls, whether or not it has room for one more.
  var leastBusy: ClientConnectionHandle? {
    connections.count < 2 ? connections.first : connections.min { $0.load < $1.load }
  }

  /// Whether the connections are so busy that a further one is due.
  func wantsMore(_ configuration: RPCChannelConfiguration) -> Bool {
    guard attempt == .none, connections.count < configuration.maximumConnections,
      let leastBusy
    else { return false }
    return leastBusy.load >= min(configuration.busyCalls, leastBusy.limit)
  }

  // MARK: Transitions

  mutating func beginResolving() { attempt = .resolving }

  mutating func beginConnecting() { attempt = .connecting }

  mutating func connected(_ connection: ClientConnectionHandle) {
    attempt = .none
    backoff = nil
    connections.append(connection)
  }

  /// The attempt has led to nothing, by nobody's fault.
  mutating func abandoned() { attempt = .none }

  /// The connection takes no more calls; false when it took none already.
  mutating func removed(_ connection: ClientConnectionHandle) -> Bool {
    guard let index = connections.firstIndex(where: { $0 === connection }) else { return false }
    connections.remove(at: index)
    return true
  }

  /// An attempt has failed. Returns how long to leave the address alone; `rested` follows.
  mutating func failed(_ configuration: RPCChannelConfiguration) -> Duration {
    attempt = .resting
    let next = backoff.map { min($0 * 2, configuration.maximumBackoff) }
    backoff = next ?? configuration.initialBackoff
    return (backoff ?? .zero) * Double.random(in: 0.8...1.2)
  }

  mutating func rested() {
    if attempt == .resting { attempt = .none }
  }
}
