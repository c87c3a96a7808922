import Model
import RPC
import Synchronization
import Testing

@Suite struct InterceptorAndOverloadTests {
  @Test func interceptorsRunInOrderAndSeeTheOutcome() async throws {
    let journal = Journal()
    let chain: [any ServerInterceptor] = [
      Recorder(name: "a", journal: journal), Recorder(name: "b", journal: journal),
    ]
    try await withEcho(interceptors: chain) { _, channel in
      _ = try await channel.echo(EchoMethods.echo, Echo())
      #expect(journal.lines == ["a before", "b before", "b OK", "a OK"])
      journal.clear()
      _ = await channel.failure(EchoMethods.fail)
      #expect(journal.lines.last == "a FAILED_PRECONDITION")
    }
  }

  @Test func anInterceptorRefusesBeforeTheHandler() async throws {
    let journal = Journal()
    let chain: [any ServerInterceptor] = [
      Recorder(name: "a", journal: journal), Gate(), Recorder(name: "c", journal: journal),
    ]
    try await withEcho(interceptors: chain) { server, channel in
      let status = await channel.failure(EchoMethods.hang)
      #expect(status?.details?.reason == "ECHO_REFUSED")
      #expect(journal.lines == ["a before", "a FAILED_PRECONDITION"])
    }
  }

  @Test func callsAboveTheLimitAreRefusedAtOnceWithATimeToRetry() async throws {
    try await withEcho({ $0.maximumConcurrentCalls = 1 }) { server, channel in
      let call = Task { await channel.failure(EchoMethods.hang) }
      await server.log.started.wait()
      let status = await channel.failure(EchoMethods.echo)
      #expect(status?.code == .resourceExhausted)
      #expect(status?.details?.reason == "OVERLOADED")
      #expect(status?.details?.retryAfterMilliseconds != nil)
      call.cancel()
      _ = await call.value
      await server.log.cancelled.wait()
    }
  }

  @Test func moreCallsThanStreamsWaitTheirTurn() async throws {
    try await withEcho({ $0.maximumConcurrentStreams = 2 }) { _, channel in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<50 {
          group.addTask { _ = try await channel.echo(EchoMethods.echo, Echo()) }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func connectionsAboveTheLimitAreClosed() async throws {
    try await withEcho({ $0.maximumConnections = 1 }) { server, channel in
      _ = try await channel.echo(EchoMethods.echo, Echo())
      let second = try server.channel()
      #expect(await second.failure(EchoMethods.hang)?.code == .unavailable)
      await second.close()
    }
  }

  @Test func credentialsAreAddedToEachCall() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel(callCredentials: Token())
    let seen = try await channel.echo(EchoMethods.context, Echo())
    #expect(seen.typeURL.contains(" token-for-Context "))
    await channel.close()
    await server.stop()
  }
}

private final class Journal: Sendable {
  private let state = Mutex<[String]>([])
  var lines: [String] { state.withLock { $0 } }
  func add(_ line: String) { state.withLock { $0.append(line) } }
  func clear() { state.withLock { $0 = [] } }
}

private struct Recorder: ServerInterceptor {
  let name: String
  let journal: Journal
  func before(_ context: inout CallContext) throws { journal.add("\(name) before") }
  func after(_ context: CallContext, status: StatusCode, duration: Duration) {
    journal.add("\(name) \(status.name)")
  }
}

private struct Gate: ServerInterceptor {
  func before(_ context: inout CallContext) throws { throw EchoError.refused("gate") }
}

private struct Token: CallCredentials {
  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    [("x-test", "token-for-\(method.name)")]
  }
}
