import Model
import NIOCore

/// What the pool does after a decision of its balancer, outside its lock.
enum PoolAction {
  case resolve(ServiceAddress)
  case connect(ConnectionPlan)
  /// Let the connection finish its calls and close.
  case retire(ClientConnectionHandle)
  /// Report `rested` after this time.
  case rest(subchannel: Int, Duration)
  /// Report `outageWaited` after this time.
  case watchOutage(Duration)
  case answer(WaitingCall, Result<ClientConnectionHandle, RPCStatus>)
}

/// Decides which connection a call gets and which connections are made: round-robin over the addresses that are
/// ready, on each the least busy connection. No I/O and no locks; every step returns what is to be done.
struct Balancer {
  /// A connection that is lost sooner than this counts as an attempt that failed.
  private static let shortLife = Duration.seconds(1)
  /// Addresses used of one name.
  private static let maximumAddresses = 16

  private let configuration: RPCChannelConfiguration
  private let target: String
  private var subchannels: [Subchannel] = []
  private var cursor = 0
  private var waiting = WaitingCalls()
  private var nextID: UInt64 = 0
  private var lastFailure = "no address"
  /// Since when no connection is ready, once one has been.
  private var outageBegan: ContinuousClock.Instant?
  /// Credentials that new connections use.
  private var generation: Int

  init(
    target: String, _ services: [ServiceAddress], generation: Int,
    _ configuration: RPCChannelConfiguration
  ) {
    self.target = target
    self.generation = generation
    self.configuration = configuration
    for service in services { add(service, service.numericAddress) }
  }

  private mutating func newID() -> UInt64 {
    nextID += 1
    return nextID
  }

  private mutating func add(_ service: ServiceAddress, _ address: SocketAddress?) {
    subchannels.append(Subchannel(id: Int(newID()), service: service, address: address))
  }

  // MARK: Calls

  /// A connection with room for one call, on which it is then counted; nil when the call must wait.
  mutating func take() -> (ClientConnectionHandle?, [PoolAction]) {
    let chosen = waiting.isEmpty ? pick() : nil
    return (chosen, connectWhereNeeded())
  }

  /// Queues a call that found no connection, or answers it.
  mutating func wait(_ call: WaitingCall, ticket: UInt64) -> [PoolAction] {
    let (chosen, actions) = take()
    if let chosen { return actions + [.answer(call, .success(chosen))] }
    waiting.append(call, ticket: ticket)
    return actions + refuseWaiting()
  }

  mutating func newTicket() -> UInt64 { newID() }

  mutating func giveUp(_ ticket: UInt64) -> WaitingCall? { waiting.remove(ticket) }

  mutating func refuseAll() -> [WaitingCall] { waiting.removeAll(evenIfWaitingForReady: true) }

  mutating func callEnded(on connection: ClientConnectionHandle) -> [PoolAction] {
    connection.release()
    return waiting.isEmpty ? [] : serveWaiting()
  }

  private mutating func pick() -> ClientConnectionHandle? {
    for _ in subchannels.indices {
      cursor = cursor + 1 < subchannels.count ? cursor + 1 : 0
      guard let connection = subchannels[cursor].leastBusy, connection.hasRoom else { continue }
      connection.reserve()
      return connection
    }
    return nil
  }

  private mutating func serveWaiting() -> [PoolAction] {
    var actions: [PoolAction] = []
    while !waiting.isEmpty, let connection = pick() {
      guard let call = waiting.popFirst() else { break }
      actions.append(.answer(call, .success(connection)))
    }
    return actions + connectWhereNeeded()
  }

  /// Fails the calls that need not wait when every address fails; during an outage that may be a restart
  /// only once it has lasted too long for that.
  private mutating func refuseWaiting() -> [PoolAction] {
    guard !waiting.isEmpty, subchannels.allSatisfy({ $0.state == .backingOff }) else { return [] }
    if let outageBegan, .now < outageBegan + configuration.restartAllowance { return [] }
    let status = RPCStatus(
      code: .unavailable, message: "cannot connect to \(target): \(lastFailure)")
    return waiting.removeAll(evenIfWaitingForReady: false).map { .answer($0, .failure(status)) }
  }

  // MARK: Connections

  private mutating func connectWhereNeeded() -> [PoolAction] {
    var actions: [PoolAction] = []
    for index in subchannels.indices {
      if subchannels[index].state == .idle {
        actions += beginAttempt(index)
      } else if subchannels[index].wantsMore(configuration) {
        actions += beginConnecting(index)
      }
    }
    return actions
  }

  /// Names are looked up anew each time.
  private mutating func beginAttempt(_ index: Int) -> [PoolAction] {
    let service = subchannels[index].service
    guard service.numericAddress == nil else { return beginConnecting(index) }
    let isAsked = subchannels.contains { $0.service == service && $0.isResolving }
    subchannels[index].beginResolving()
    return isAsked ? [] : [.resolve(service)]
  }

  private mutating func beginConnecting(_ index: Int) -> [PoolAction] {
    guard let endpoint = subchannels[index].endpoint else { return [] }
    subchannels[index].beginConnecting()
    let plan = ConnectionPlan(
      id: newID(), subchannel: subchannels[index].id, endpoint: endpoint, generation: generation)
    return [.connect(plan)]
  }

  mutating func connected(_ connection: ClientConnectionHandle) -> [PoolAction] {
    // The address may have vanished from the name, or the credentials been replaced, meanwhile.
    guard let index = index(of: connection.subchannel) else { return [.retire(connection)] }
    guard connection.generation == generation else {
      subchannels[index].abandoned()
      return [.retire(connection)] + (waiting.isEmpty ? [] : connectWhereNeeded())
    }
    subchannels[index].connected(connection)
    outageBegan = nil
    return serveWaiting()
  }

  /// The server allows more calls than before, or fewer.
  mutating func limitChanged() -> [PoolAction] { serveWaiting() }

  /// The connection takes no more calls.
  mutating func drained(_ connection: ClientConnectionHandle) -> [PoolAction] {
    guard let index = index(of: connection.subchannel), subchannels[index].removed(connection)
    else { return [] }
    return noteOutage() + (waiting.isEmpty ? [] : connectWhereNeeded())
  }

  /// A connection that took calls is lost.
  mutating func lost(
    _ connection: ClientConnectionHandle, after life: Duration, _ reason: String
  ) -> [PoolAction] {
    guard let index = index(of: connection.subchannel), subchannels[index].removed(connection)
    else { return [] }
    lastFailure = reason
    if life < Self.shortLife, subchannels[index].state == .idle {
      return noteOutage() + rest(index) + refuseWaiting()
    }
    return noteOutage() + (waiting.isEmpty ? [] : connectWhereNeeded())
  }

  /// An attempt to connect has failed.
  mutating func failed(subchannel id: Int, _ reason: String) -> [PoolAction] {
    guard let index = index(of: id) else { return refuseWaiting() }
    lastFailure = reason
    return rest(index) + refuseWaiting()
  }

  mutating func rested(subchannel id: Int) -> [PoolAction] {
    guard let index = index(of: id) else { return [] }
    subchannels[index].rested()
    return waiting.isEmpty ? [] : connectWhereNeeded()
  }

  mutating func outageWaited() -> [PoolAction] { refuseWaiting() }

  private mutating func rest(_ index: Int) -> [PoolAction] {
    [.rest(subchannel: subchannels[index].id, subchannels[index].failed(configuration))]
  }

  private mutating func noteOutage() -> [PoolAction] {
    guard outageBegan == nil, !subchannels.contains(where: { $0.state == .ready }) else {
      return []
    }
    outageBegan = .now
    return [.watchOutage(configuration.restartAllowance)]
  }

  private func index(of id: Int) -> Int? { subchannels.firstIndex { $0.id == id } }

  // MARK: Names and credentials

  /// A name has been looked up. Addresses that it no longer has take no more calls.
  mutating func resolved(_ service: ServiceAddress, _ found: [SocketAddress]) -> [PoolAction] {
    let found = found.prefix(Self.maximumAddresses)
    var actions: [PoolAction] = []
    subchannels.removeAll { subchannel in
      let isGone =
        subchannel.service == service && !(subchannel.address.map(found.contains) ?? false)
      if isGone { actions += subchannel.connections.map(PoolAction.retire) }
      return isGone
    }
    if !actions.isEmpty { actions += noteOutage() }
    let known = subchannels.filter { $0.service == service }.compactMap(\.address)
    for address in found where !known.contains(address) { add(service, address) }
    for index in subchannels.indices
    where subchannels[index].service == service
      && (subchannels[index].isResolving || subchannels[index].state == .idle)
    {
      actions += beginConnecting(index)
    }
    return actions
  }

  /// A name could not be looked up; addresses that it had before are tried.
  mutating func unresolved(_ service: ServiceAddress, _ reason: String) -> [PoolAction] {
    lastFailure = reason
    var actions: [PoolAction] = []
    for index in subchannels.indices
    where subchannels[index].service == service && subchannels[index].isResolving {
      actions += subchannels[index].address == nil ? rest(index) : beginConnecting(index)
    }
    return actions + refuseWaiting()
  }

  /// Takes no more calls on connections that were opened with credentials since replaced: the server
  /// judges the certificate of the handshake, and refuses it once it has expired.
  mutating func use(generation: Int) -> [PoolAction] {
    guard generation > self.generation else { return [] }
    self.generation = generation
    var outdated: [ClientConnectionHandle] = []
    for index in subchannels.indices {
      for connection in subchannels[index].connections where connection.generation != generation {
        if subchannels[index].removed(connection) { outdated.append(connection) }
      }
    }
    return outdated.map(PoolAction.retire) + (outdated.isEmpty ? [] : noteOutage())
  }
}
