import Logging
import Model
import RPC
import Synchronization
import Testing

/// What a channel sends with a call and lets its caller know.
@Suite struct ChannelCallTests {
  /// A service whose handler makes the same call to another server.
  private func withTwoServers(
    _ body: (_ outer: RPCChannel, _ seen: Onward) async throws -> Void
  ) async throws {
    let authority = try TestAuthority()
    let back = try await TestServer.start(authority: authority)
    let onward = try authority.channel(to: [back.target])
    let seen = Onward()
    let front = RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(authority.credentials(TestAuthority.serverID)),
      methods: [
        .unary(EchoMethods.context) { (request: Echo, context) in
          seen.deadline.withLock { $0 = context.deadline }
          return try await onward.echo(
            EchoMethods.context, request,
            CallOptions(timeout: .seconds(300), parent: context))
        },
        .unary(EchoMethods.hang) { (request: Echo, context) in
          try await onward.echo(
            EchoMethods.hang, request, CallOptions(timeout: .seconds(300), parent: context))
        },
      ], logger: Logger(label: "test"))
    let outer = try authority.channel(to: ["127.0.0.1:\(try await front.start())"])
    seen.log = back.log
    try await body(outer, seen)
    await outer.close()
    await front.shutdown(grace: .zero)
    await onward.close()
    await back.stop()
  }

  private final class Onward: Sendable {
    let deadline = Mutex<ContinuousClock.Instant?>(nil)
    private let echoLog = Mutex<EchoLog?>(nil)
    var log: EchoLog? {
      get { echoLog.withLock { $0 } }
      set { echoLog.withLock { $0 = newValue } }
    }
  }

  @Test func traceAndLanguageGoOnToTheNextService() async throws {
    try await withTwoServers { outer, _ in
      let parent = CallContext(
        method: EchoMethods.echo, peer: Peer(certificate: nil, address: ""), language: .en)
      let seen = try await outer.echo(EchoMethods.context, Echo(), CallOptions(parent: parent))
      #expect(seen.typeURL.contains(" en \(parent.trace.traceID) "), "\(seen.typeURL)")
    }
  }

  @Test func theDeadlineGoesOnToTheNextService() async throws {
    try await withTwoServers { outer, seen in
      let end = ContinuousClock.now + .seconds(7)
      let answer = try await outer.echo(
        EchoMethods.context, Echo(), CallOptions(timeout: .seconds(7)))
      let front = try #require(seen.deadline.withLock { $0 })
      #expect(front <= end + .seconds(1))
      #expect(answer.typeURL.hasSuffix(" deadline"))
      let status = await outer.failure(
        EchoMethods.hang, Echo(), CallOptions(timeout: .milliseconds(300)))
      #expect(status?.code == .deadlineExceeded)
      await seen.log?.cancelled.wait()
    }
  }

  @Test func cancellationGoesOnToTheNextService() async throws {
    try await withTwoServers { outer, seen in
      let call = Task { await outer.failure(EchoMethods.hang) }
      await seen.log?.started.wait()
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      await seen.log?.cancelled.wait()
    }
  }

  @Test func theServersMetadataReachesTheCaller() async throws {
    try await withEcho { _, channel in
      let received = ReceivedMetadata()
      let options = CallOptions(metadata: Metadata([("x-a", "1")]), received: received)
      _ = try await channel.echo(EchoMethods.reflect, Echo(), options)
      #expect(received.initial["x-a"] == "1" && received.trailing["x-a"] == "1")
      let failed = ReceivedMetadata()
      let failing = CallOptions(metadata: Metadata([("x-a", "2")]), received: failed)
      #expect(await channel.failure(EchoMethods.reflect, Echo(typeURL: "x"), failing) != nil)
      #expect(failed.trailing["x-a"] == "2")
    }
  }

  /// Metadata that may not be sent leaves the connection's room as it was.
  @Test func aCallThatCannotBeSentTakesNoRoom() async throws {
    try await withEcho({ $0.maximumConcurrentStreams = 1 }) { _, channel in
      let bad = CallOptions(metadata: Metadata([("x\u{e9}", "1")]))
      for _ in 0..<10 {
        #expect(await channel.failure(EchoMethods.echo, Echo(), bad)?.code == .internal)
      }
      _ = try await channel.echo(
        EchoMethods.echo, Echo(), CallOptions(timeout: .seconds(5)))
    }
  }

  @Test func anOverloadedServerIsAskedAgainWhenItSays() async throws {
    let server = try await StubbornServer.start()
    let channel = try server.authority.channel(to: ["127.0.0.1:\(server.port)"]) {
      $0.maximumBackoff = .seconds(5)
    }
    let method = MethodDescriptor(
      service: StubbornServer.service, name: "Busy", kind: .unary, isIdempotent: true)
    let took = try await ContinuousClock().measure { _ = try await channel.echo(method, Echo()) }
    #expect(took > .milliseconds(StubbornServer.busyMilliseconds))
    #expect(server.log.attempts.load(ordering: .relaxed) == 2)
    server.log.attempts.store(0, ordering: .relaxed)
    #expect(await channel.failure(StubbornServer.busy)?.code == .resourceExhausted)
    #expect(server.log.attempts.load(ordering: .relaxed) == 1)
    await channel.close()
    await server.stop()
  }
}
