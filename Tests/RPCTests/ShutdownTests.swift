import Model
import RPC
import Testing

@Suite struct ShutdownTests {
  @Test func openCallsFinishDuringTheGraceAndNewOnesAreRefused() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel { $0.restartAllowance = .zero }
    let count = 200
    let stream: ResponseStream<Echo> = channel.serverStreaming(
      EchoMethods.count, Echo(typeURL: "\(count)", value: [UInt8](repeating: 1, count: 20_000)))
    var iterator = stream.makeAsyncIterator()
    _ = try await iterator.next()
    let shutdown = Task { await server.server.shutdown(grace: .seconds(30)) }
    var seen = 1
    while try await iterator.next() != nil { seen += 1 }
    #expect(seen == count)
    await shutdown.value
    #expect(await channel.failure(EchoMethods.hang)?.code == .unavailable)
    await channel.close()
  }

  @Test func aChannelClosesWhileItsServerDrains() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel { $0.restartAllowance = .zero }
    let call = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    let shutdown = Task { await server.server.shutdown(grace: .seconds(60)) }
    while await channel.failure(EchoMethods.echo)?.code != .unavailable {}
    await channel.close()
    #expect(await call.value?.code == .cancelled)
    await shutdown.value
  }

  @Test func callsThatOutlastTheGraceEndUnavailable() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel()
    let call = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    await server.server.shutdown(grace: .milliseconds(100))
    #expect(await call.value?.code == .unavailable)
    await server.log.cancelled.wait()
    await channel.close()
  }

  @Test func aChannelReconnectsToARestartedServer() async throws {
    let first = try await TestServer.start()
    let channel = try first.channel { $0.initialBackoff = .milliseconds(1) }
    _ = try await channel.echo(EchoMethods.echo, Echo())
    await first.stop()
    let port = first.port
    let second = try await TestServer.start(authority: first.authority) { $0.port = port }
    let again = try await channel.echo(EchoMethods.echo, Echo(typeURL: "again"))
    #expect(again.typeURL == "again")
    await channel.close()
    await second.stop()
  }

  @Test func aPortInUseIsAnError() async throws {
    let server = try await TestServer.start()
    let port = server.port
    await #expect(throws: (any Error).self) {
      _ = try await TestServer.start { $0.port = port }
    }
    await server.stop()
  }

  /// A channel that is closed between its set-up and its first event never becomes active nor inactive.
  @Test(.timeLimit(.minutes(1)))
  func connectionsThatAreJustBeginningDoNotHoldUpTheEnd() async throws {
    let authority = try TestAuthority()
    for _ in 0..<100 {
      let server = try await TestServer.start(authority: authority)
      let connections = try (0..<4).map { _ in try PlainConnection(port: server.port) }
      await server.stop()
      withExtendedLifetime(connections) {}
    }
  }
}
