import Synchronization

/// The open connections of a server: keeps their number within limits and lets shutdown reach and await them.
final class ConnectionRegistry: Sendable {
  private struct State {
    var nextID = 0
    var mailboxes: [Int: LoopMailbox<ServerEvent>] = [:]
    var countByAddress: [String: Int] = [:]
    var isDraining = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let maximum: Int
  private let maximumPerAddress: Int
  private let state = Mutex(State())

  init(_ configuration: RPCServerConfiguration) {
    maximum = configuration.maximumConnections
    maximumPerAddress = configuration.maximumConnectionsPerAddress
  }

  /// Nil when the connection is one too many or the server is shutting down.
  func add(_ mailbox: LoopMailbox<ServerEvent>, address: String) -> Int? {
    state.withLock { state in
      let count = state.countByAddress[address, default: 0]
      guard !state.isDraining, state.mailboxes.count < maximum, count < maximumPerAddress else {
        return nil
      }
      state.nextID += 1
      state.mailboxes[state.nextID] = mailbox
      state.countByAddress[address] = count + 1
      return state.nextID
    }
  }

  func remove(_ id: Int, address: String) {
    let waiters = state.withLock { state in
      state.mailboxes[id] = nil
      let count = state.countByAddress[address, default: 1] - 1
      state.countByAddress[address] = count > 0 ? count : nil
      guard state.mailboxes.isEmpty else { return [] as [CheckedContinuation<Void, Never>] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Refuses further connections and asks the open ones to finish.
  func drain() {
    let mailboxes = state.withLock { state in
      state.isDraining = true
      return Array(state.mailboxes.values)
    }
    for mailbox in mailboxes { mailbox.post(.drain) }
  }

  /// Ends what is still open.
  func abort() {
    for mailbox in state.withLock({ Array($0.mailboxes.values) }) { mailbox.post(.abort) }
  }

  /// Returns when no connection is open.
  func untilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.mailboxes.isEmpty { state.waiters.append(continuation) }
        return state.mailboxes.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }
}
