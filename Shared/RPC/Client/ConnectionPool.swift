import Model
import NIOCore
import NIOPosix
import Synchronization

/// The connections of a channel: makes and closes what its `Balancer` decides, and lets calls wait for one.
final class ConnectionPool: Sendable {
  private typealias Closer = CheckedContinuation<Void, Never>

  private struct State {
    var balancer: Balancer
    /// Connections whose socket exists or is being made; nil until the socket exists.
    var open: [UInt64: ClientConnectionHandle?] = [:]
    var readySince: [UInt64: ContinuousClock.Instant] = [:]
    var keepaliveInterval: Duration
    var isClosed = false
    var closers: [Closer] = []
  }

  private let tls: TLSContextStore
  private let expectation: PeerExpectation
  private let configuration: RPCChannelConfiguration
  private let group: any EventLoopGroup
  private let state: Mutex<State>

  init(
    target: String, _ services: [ServiceAddress], tls: TLSContextStore,
    expectation: PeerExpectation, configuration: RPCChannelConfiguration,
    group: any EventLoopGroup
  ) {
    self.tls = tls
    self.expectation = expectation
    self.configuration = configuration
    self.group = group
    let balancer = Balancer(target: target, services, generation: tls.generation, configuration)
    state = Mutex(
      State(balancer: balancer, keepaliveInterval: configuration.keepaliveInterval))
  }

  /// A connection for one call, which must be started on it.
  func take(
    until deadline: ContinuousClock.Instant?, waitForReady: Bool
  ) async throws -> ClientConnectionHandle {
    let generation = tls.generation
    let (chosen, actions) = try state.withLock { state in
      guard !state.isClosed else { throw Self.closed }
      let retiring = state.balancer.use(generation: generation)
      let (chosen, actions) = state.balancer.take()
      return (chosen, retiring.isEmpty ? actions : retiring + actions)
    }
    perform(actions)
    if let chosen { return chosen }
    return try await waitForConnection(until: deadline, waitForReady: waitForReady)
  }

  /// Closes every connection; returns when they are gone, which no peer can delay by more than a second.
  func close() async {
    let (handles, waiting) = state.withLock { state in
      state.isClosed = true
      return (state.open.values.compactMap(\.self), state.balancer.refuseAll())
    }
    for call in waiting { call.continuation.resume(throwing: Self.closed) }
    for handle in handles { handle.mailbox.post(.close) }
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.open.isEmpty { state.closers.append(continuation) }
        return state.open.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }

  // MARK: Waiting

  private func waitForConnection(
    until deadline: ContinuousClock.Instant?, waitForReady: Bool
  ) async throws -> ClientConnectionHandle {
    let ticket = state.withLock { $0.balancer.newTicket() }
    let timer = deadline.map { deadline in
      schedule(after: ContinuousClock.now.duration(to: deadline)) {
        $0.giveUp(ticket, RPCStatus(code: .deadlineExceeded, message: "no connection in time"))
      }
    }
    defer { timer?.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let call = WaitingCall(waitsForReady: waitForReady, continuation: continuation)
        perform(
          state.withLock { state in
            if state.isClosed { return [.answer(call, .failure(Self.closed))] }
            if Task.isCancelled { return [.answer(call, .failure(.callCancelled))] }
            return state.balancer.wait(call, ticket: ticket)
          })
      }
    } onCancel: {
      giveUp(ticket, .callCancelled)
    }
  }

  private func giveUp(_ ticket: UInt64, _ status: RPCStatus) {
    let call = state.withLock { $0.balancer.giveUp(ticket) }
    call?.continuation.resume(throwing: status)
  }

  @discardableResult
  private func schedule(
    after delay: Duration, _ action: @escaping @Sendable (ConnectionPool) -> Void
  ) -> Scheduled<Void> {
    group.any().scheduleTask(in: TimeAmount(max(.zero, delay))) { [weak self] in
      if let self { action(self) }
    }
  }

  // MARK: What the balancer decides

  private func perform(_ actions: [PoolAction]) {
    for action in actions {
      switch action {
      case .resolve(let service): resolve(service)
      case .connect(let plan): connect(plan)
      case .retire(let connection): connection.mailbox.post(.retire)
      case .rest(let id, let time):
        schedule(after: time) { $0.step { $0.rested(subchannel: id) } }
      case .watchOutage(let time): schedule(after: time) { $0.step { $0.outageWaited() } }
      case .answer(let call, .success(let handle)): call.continuation.resume(returning: handle)
      case .answer(let call, .failure(let status)): call.continuation.resume(throwing: status)
      }
    }
  }

  /// Tells the balancer what has happened, unless the channel is closed.
  private func step(_ step: (inout Balancer) -> [PoolAction]) {
    perform(state.withLock { $0.isClosed ? [] : step(&$0.balancer) })
  }

  private func resolve(_ service: ServiceAddress) {
    NameLookup.addresses(of: service) { [weak self] result in
      self?.step { balancer in
        switch result {
        case .success(let addresses): balancer.resolved(service, addresses)
        case .failure(let error): balancer.unresolved(service, error.description)
        }
      }
    }
  }

  private func connect(_ plan: ConnectionPlan) {
    let interval: Duration? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.open[plan.id] = .some(nil)
      return state.keepaliveInterval
    }
    guard let interval else { return }
    ClientBootstrap(group: group)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try ClientConnection(
            plan, tls: tls.context(for: .client), expectation: expectation,
            configuration: configuration, keepaliveInterval: interval
          ) { self.changed(plan, $0) }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(to: plan.endpoint.address)
      .whenFailure { self.ended(plan, ConnectionFailure.text($0)) }
  }

  // MARK: What connections report

  private func changed(_ plan: ConnectionPlan, _ change: ClientConnectionChange) {
    switch change {
    case .opened(let handle):
      let isClosed = state.withLock { state in
        state.open[plan.id] = handle
        return state.isClosed
      }
      if isClosed { handle.mailbox.post(.close) }
    case .ready(let handle):
      state.withLock { $0.readySince[plan.id] = .now }
      step { $0.connected(handle) }
    case .limitChanged: step { $0.limitChanged() }
    case .callEnded(let handle): step { $0.callEnded(on: handle) }
    case .draining(let handle): step { $0.drained(handle) }
    case .pingedTooOften:
      state.withLock { $0.keepaliveInterval = min($0.keepaliveInterval * 2, .seconds(3600)) }
    case .closed(let reason): ended(plan, reason)
    }
  }

  private func ended(_ plan: ConnectionPlan, _ reason: String) {
    let (closers, actions) = state.withLock { state in
      let connection = state.open.removeValue(forKey: plan.id) ?? nil
      let readySince = state.readySince.removeValue(forKey: plan.id)
      guard !state.isClosed else {
        guard state.open.isEmpty else { return ([] as [Closer], [] as [PoolAction]) }
        defer { state.closers = [] }
        return (state.closers, [])
      }
      guard let connection, let readySince else {
        return ([], state.balancer.failed(subchannel: plan.subchannel, reason))
      }
      return ([], state.balancer.lost(connection, after: readySince.duration(to: .now), reason))
    }
    for closer in closers { closer.resume() }
    perform(actions)
  }

  private static let closed = RPCStatus(code: .unavailable, message: "the channel is closed")
}

extension RPCStatus {
  static let callCancelled = RPCStatus(code: .cancelled, message: "the call was cancelled")
}
