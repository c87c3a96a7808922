import Synchronization

/// The open connections of a server: keeps their number within limits and lets shutdown reach and await them.
///
/// A connection is a stranger until its peer has finished the handshake and sent its settings. When there are
/// too many, the one that has been a stranger longest makes room: half-open connections cannot keep
/// out a client that goes on.
final class ConnectionRegistry: Sendable {
  private struct Entry {
    let mailbox: LoopMailbox<ServerEvent>
    let address: String
    /// Told to go; no longer counted.
    var isLeaving = false
  }

  private struct State {
    var nextID = 0
    var entries: [Int: Entry] = [:]
    /// Ids of strangers, oldest first.
    var strangers: [Int] = []
    var count = 0
    var countByAddress: [String: Int] = [:]
    var isDraining = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let configuration: RPCServerConfiguration
  private let state = Mutex(State())

  init(_ configuration: RPCServerConfiguration) { self.configuration = configuration }

  /// Nil when the connection is one too many or the server is shutting down.
  func add(_ mailbox: LoopMailbox<ServerEvent>, address: String) -> Int? {
    let (id, leaving) = state.withLock { state in
      guard !state.isDraining else { return (nil as Int?, [] as [LoopMailbox<ServerEvent>]) }
      let leaving = makeRoom(for: address, &state)
      guard state.count < configuration.maximumConnections,
        state.countByAddress[address, default: 0] < configuration.maximumConnectionsPerAddress
      else { return (nil, leaving) }
      state.nextID += 1
      state.entries[state.nextID] = Entry(mailbox: mailbox, address: address)
      state.strangers.append(state.nextID)
      state.count += 1
      state.countByAddress[address, default: 0] += 1
      return (state.nextID, leaving)
    }
    for mailbox in leaving { mailbox.post(.abort) }
    return id
  }

  /// The peer has shown itself.
  func establish(_ id: Int) {
    state.withLock { Self.removeStranger(id, &$0) }
  }

  func remove(_ id: Int) {
    let waiters = state.withLock { state in
      Self.removeStranger(id, &state)
      Self.discount(id, &state)
      state.entries[id] = nil
      guard state.entries.isEmpty else { return [] as [CheckedContinuation<Void, Never>] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Refuses further connections and asks the open ones to finish.
  func drain() {
    let mailboxes = state.withLock { state in
      state.isDraining = true
      return state.entries.values.map(\.mailbox)
    }
    for mailbox in mailboxes { mailbox.post(.drain) }
  }

  /// Ends what is still open.
  func abort() {
    let mailboxes = state.withLock { $0.entries.values.map(\.mailbox) }
    for mailbox in mailboxes { mailbox.post(.abort) }
  }

  /// Returns when no connection is open.
  func untilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.entries.isEmpty { state.waiters.append(continuation) }
        return state.entries.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }

  // MARK: Room

  private func makeRoom(
    for address: String, _ state: inout State
  ) -> [LoopMailbox<ServerEvent>] {
    var leaving: [LoopMailbox<ServerEvent>] = []
    let neighbours = state.strangers.filter { state.entries[$0]?.address == address }
    if neighbours.count >= configuration.maximumHandshakesPerAddress
      || state.countByAddress[address, default: 0] >= configuration.maximumConnectionsPerAddress,
      let oldest = neighbours.first
    {
      leaving += Self.dismiss(oldest, &state)
    }
    if state.strangers.count >= configuration.maximumHandshakes
      || state.count >= configuration.maximumConnections, let oldest = state.strangers.first
    {
      leaving += Self.dismiss(oldest, &state)
    }
    return leaving
  }

  private static func dismiss(_ id: Int, _ state: inout State) -> [LoopMailbox<ServerEvent>] {
    removeStranger(id, &state)
    discount(id, &state)
    state.entries[id]?.isLeaving = true
    return state.entries[id].map { [$0.mailbox] } ?? []
  }

  private static func removeStranger(_ id: Int, _ state: inout State) {
    if let index = state.strangers.firstIndex(of: id) { state.strangers.remove(at: index) }
  }

  private static func discount(_ id: Int, _ state: inout State) {
    guard let entry = state.entries[id], !entry.isLeaving else { return }
    state.count -= 1
    let count = state.countByAddress[entry.address, default: 1] - 1
    state.countByAddress[entry.address] = count > 0 ? count : nil
  }
}
