import Model
import NIOCore
import NIOPosix
import Synchronization

/// The connections of a channel. One is opened with the first call, more when those open are busy.
/// After a failure to connect, calls fail at once until a jittered, doubling time has passed.
final class ConnectionPool: Sendable {
  /// Calls on every open connection from which on another connection is opened.
  private static let busyCalls = 64

  private typealias Waiter = CheckedContinuation<ClientConnectionHandle, any Error>
  private typealias Closer = CheckedContinuation<Void, Never>

  private struct State {
    var ready: [UInt64: ClientConnectionHandle] = [:]
    /// Connections that finish their calls and take no new ones.
    var draining: [UInt64: ClientConnectionHandle] = [:]
    /// Which credentials each connection was opened with.
    var generations: [UInt64: Int] = [:]
    /// Ids of connections whose channel exists or is being made.
    var open: Set<UInt64> = []
    var connecting: UInt64?
    var nextID: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]
    var backoff: Duration?
    var retryAt: ContinuousClock.Instant?
    var lastFailure = ""
    var isClosed = false
    var closers: [Closer] = []
  }

  private let address: ServiceAddress
  private let tls: TLSContextStore
  private let expectation: PeerExpectation
  private let configuration: RPCChannelConfiguration
  private let group: any EventLoopGroup
  private let state = Mutex(State())

  init(
    address: ServiceAddress, tls: TLSContextStore, expectation: PeerExpectation,
    configuration: RPCChannelConfiguration, group: any EventLoopGroup
  ) {
    self.address = address
    self.tls = tls
    self.expectation = expectation
    self.configuration = configuration
    self.group = group
  }

  /// A connection for one call: the least busy, or a new one.
  func take(until deadline: ContinuousClock.Instant?) async throws -> ClientConnectionHandle {
    retireOutdated()
    let (chosen, mustConnect) = try state.withLock { state in
      guard !state.isClosed else { throw Self.closed }
      let chosen = state.ready.values.min { $0.load < $1.load }
      let wantsMore =
        chosen.map {
          $0.load >= Self.busyCalls && state.open.count < configuration.maximumConnections
        } ?? true
      let isWaiting = state.retryAt.map { $0 > .now } ?? false
      if chosen == nil && isWaiting { throw unavailable(state.lastFailure) }
      let mustConnect = wantsMore && !isWaiting && state.connecting == nil
      return (chosen, mustConnect ? beginConnecting(&state) : nil)
    }
    if let mustConnect { connect(mustConnect) }
    if let chosen { return chosen }
    return try await waitForConnection(until: deadline)
  }

  /// Takes no more calls on connections that were opened with credentials since replaced: the server
  /// judges the certificate of the handshake, and refuses it once it has expired.
  private func retireOutdated() {
    let current = tls.generation
    let outdated = state.withLock { state in
      let ids = state.ready.keys.filter { state.generations[$0] != current }
      return ids.compactMap { id in
        let handle = state.ready.removeValue(forKey: id)
        state.draining[id] = handle
        return handle
      }
    }
    for handle in outdated { handle.mailbox.post(.retire) }
  }

  /// Closes every connection; returns when they are gone.
  func close() async {
    let (handles, waiters) = state.withLock { state in
      state.isClosed = true
      defer { state.waiters = [:] }
      let handles = Array(state.ready.values) + Array(state.draining.values)
      return (handles, Array(state.waiters.values))
    }
    for waiter in waiters { waiter.resume(throwing: Self.closed) }
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
    until deadline: ContinuousClock.Instant?
  ) async throws -> ClientConnectionHandle {
    let ticket = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let timer = deadline.map { deadline in
      group.any().scheduleTask(
        in: TimeAmount(max(.zero, ContinuousClock.now.duration(to: deadline)))
      ) {
        self.giveUp(ticket, RPCStatus(code: .deadlineExceeded, message: "no connection in time"))
      }
    }
    defer { timer?.cancel() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let outcome: Result<ClientConnectionHandle, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(Self.cancelled) }
          if let handle = state.ready.values.first { return .success(handle) }
          guard state.connecting != nil else { return .failure(unavailable(state.lastFailure)) }
          state.waiters[ticket] = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      giveUp(ticket, Self.cancelled)
    }
  }

  private func giveUp(_ ticket: UInt64, _ status: RPCStatus) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
    waiter?.resume(throwing: status)
  }

  // MARK: Connecting

  private func beginConnecting(_ state: inout State) -> UInt64 {
    state.nextID += 1
    state.connecting = state.nextID
    state.open.insert(state.nextID)
    return state.nextID
  }

  private func connect(_ id: UInt64) {
    let generation = tls.generation
    state.withLock { $0.generations[id] = generation }
    ClientBootstrap(group: group)
      .connectTimeout(TimeAmount(configuration.connectTimeout))
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try ClientConnection(
            tls: tls.context(for: .client), address: address, expectation: expectation,
            configuration: configuration
          ) { self.changed(id, $0) }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .connect(host: address.host, port: address.port)
      .whenFailure { self.changed(id, .closed(TLSError("\($0)"))) }
  }

  private func changed(_ id: UInt64, _ change: ClientConnectionChange) {
    switch change {
    case .ready(let handle): becameReady(id, handle)
    case .draining:
      state.withLock { state in
        if let handle = state.ready.removeValue(forKey: id) { state.draining[id] = handle }
      }
    case .closed(let reason): becameClosed(id, reason)
    }
  }

  private func becameReady(_ id: UInt64, _ handle: ClientConnectionHandle) {
    let (isClosed, waiters) = state.withLock { state in
      if state.connecting == id { state.connecting = nil }
      state.ready[id] = handle
      state.backoff = nil
      state.retryAt = nil
      defer { state.waiters = [:] }
      return (state.isClosed, Array(state.waiters.values))
    }
    if isClosed { handle.mailbox.post(.close) }
    for waiter in waiters { waiter.resume(returning: handle) }
  }

  private func becameClosed(_ id: UInt64, _ reason: TLSError?) {
    let (waiters, closers, failure) = state.withLock { state in
      state.ready[id] = nil
      state.draining[id] = nil
      state.generations[id] = nil
      state.open.remove(id)
      var waiters: [Waiter] = []
      if state.connecting == id {
        state.connecting = nil
        noteFailure(&state, reason)
        waiters = Array(state.waiters.values)
        state.waiters = [:]
      }
      guard state.open.isEmpty else { return (waiters, [] as [Closer], state.lastFailure) }
      defer { state.closers = [] }
      return (waiters, state.closers, state.lastFailure)
    }
    for waiter in waiters { waiter.resume(throwing: unavailable(failure)) }
    for closer in closers { closer.resume() }
  }

  private func noteFailure(_ state: inout State, _ reason: TLSError?) {
    let backoff = state.backoff.map { min($0 * 2, configuration.maximumBackoff) }
    state.backoff = backoff ?? configuration.initialBackoff
    state.retryAt = .now + (state.backoff ?? .zero) * Double.random(in: 0.8...1.2)
    state.lastFailure = reason.map(\.description) ?? "the server closed the connection"
  }

  private func unavailable(_ reason: String) -> RPCStatus {
    RPCStatus(code: .unavailable, message: "cannot connect to \(address.authority): \(reason)")
  }

  private static let closed = RPCStatus(code: .unavailable, message: "the channel is closed")
  private static let cancelled = RPCStatus(code: .cancelled, message: "the call was cancelled")
}

extension ClientConnectionHandle {
  fileprivate var load: Int { openCalls.load(ordering: .relaxed) }
}
