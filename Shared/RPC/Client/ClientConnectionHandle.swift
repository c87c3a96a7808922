import Synchronization

/// A connection as the pool and calls hold it.
final class ClientConnectionHandle: Sendable {
  let id: UInt64
  /// The address it goes to, by `Subchannel.id`.
  let subchannel: Int
  /// `:authority` of its calls.
  let authority: String
  /// Which credentials it was opened with, by `TLSContextStore.generation`.
  let generation: Int
  let mailbox: LoopMailbox<ClientEvent>

  private let callNumbers = Atomic<UInt64>(0)
  // Changed under the pool's lock only.
  private let openCalls = Atomic(0)
  private let maximumCalls = Atomic(0)
  private let isLossCounted = Atomic(false)

  init(_ plan: ConnectionPlan, mailbox: LoopMailbox<ClientEvent>) {
    id = plan.id
    subchannel = plan.subchannel
    authority = plan.endpoint.service.authority
    generation = plan.generation
    self.mailbox = mailbox
  }

  func nextCallNumber() -> UInt64 { callNumbers.add(1, ordering: .relaxed).newValue }

  /// Calls on the connection, those included that are about to start.
  var load: Int { openCalls.load(ordering: .relaxed) }

  /// Calls that the server lets the connection have (SETTINGS_MAX_CONCURRENT_STREAMS).
  var limit: Int {
    get { maximumCalls.load(ordering: .relaxed) }
    set { maximumCalls.store(newValue, ordering: .relaxed) }
  }

  var hasRoom: Bool { load < limit }

  func reserve() { openCalls.add(1, ordering: .relaxed) }

  func release() { openCalls.subtract(1, ordering: .relaxed) }

  /// True once: the calls that are lost with a connection count as one failure.
  func countLoss() -> Bool { !isLossCounted.exchange(true, ordering: .relaxed) }
}

/// A connection that is to be made.
struct ConnectionPlan: Sendable {
  let id: UInt64
  let subchannel: Int
  let endpoint: Endpoint
  let generation: Int
}
