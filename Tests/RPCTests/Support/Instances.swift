import Model
import RPC
import Synchronization

/// Counts the calls that an instance of a service gets.
final class CallCount: ServerInterceptor {
  private struct State {
    var count = 0
    var waiting: [(total: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())
  var value: Int { state.withLock { $0.count } }

  func before(_ context: inout CallContext) throws {
    let reached = state.withLock { state in
      state.count += 1
      defer { state.waiting.removeAll { $0.total <= state.count } }
      return state.waiting.filter { $0.total <= state.count }
    }
    for waiter in reached { waiter.continuation.resume() }
  }

  /// Returns when so many calls have come.
  func wait(for total: Int) async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state in
        if state.count < total { state.waiting.append((total, continuation)) }
        return state.count >= total
      }
      if isReached { continuation.resume() }
    }
  }
}

/// Callers that call one method over and over.
final class SteadyLoad: Sendable {
  private let isOver = Atomic(false)
  private let tasks = Mutex<[Task<[RPCStatus], Never>]>([])

  init(_ channel: RPCChannel, _ method: MethodDescriptor, callers: Int) {
    tasks.withLock { tasks in
      for _ in 0..<callers { tasks.append(Task { await self.run(channel, method) }) }
    }
  }

  private func run(_ channel: RPCChannel, _ method: MethodDescriptor) async -> [RPCStatus] {
    var failures: [RPCStatus] = []
    while !isOver.load(ordering: .relaxed) {
      if let status = await channel.failure(method) { failures.append(status) }
    }
    return failures
  }

  /// Ends the load; returns every failure there was.
  func end() async -> [RPCStatus] {
    isOver.store(true, ordering: .relaxed)
    var failures: [RPCStatus] = []
    for task in tasks.withLock(\.self) { failures += await task.value }
    return failures
  }
}

/// One of several servers that answer for the same service.
struct Instance {
  let server: TestServer
  let calls: CallCount

  static func start(
    _ authority: TestAuthority, port: Int = 0,
    _ configure: (inout RPCServerConfiguration) -> Void = { _ in }
  ) async throws -> Instance {
    let calls = CallCount()
    let server = try await TestServer.start(authority: authority, interceptors: [calls]) {
      $0.port = port
      configure(&$0)
    }
    return Instance(server: server, calls: calls)
  }
}

extension TestAuthority {
  /// A channel to servers of this authority.
  func channel(
    to targets: [String], _ configure: (inout RPCChannelConfiguration) -> Void = { _ in }
  ) throws -> RPCChannel {
    var configuration = RPCChannelConfiguration()
    configuration.initialBackoff = .milliseconds(5)
    configuration.maximumBackoff = .milliseconds(50)
    configure(&configuration)
    return RPCChannel(
      target: targets.joined(separator: ","), tls: try TLSContextStore(credentials(Self.clientID)),
      expecting: .spiffeID(Self.serverID), configuration: configuration)
  }
}

extension RPCChannel {
  /// Calls until the condition holds, at most for ten seconds; every call must succeed.
  func callUntil(_ holds: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while !holds() {
      _ = try await echo(EchoMethods.echo, Echo())
      guard .now < end else { throw RPCStatus(code: .deadlineExceeded, message: "never held") }
    }
  }
}
