import Model
import RPC
import Testing

@Suite struct DeadlineAndCancellationTests {
  @Test func aCallEndsAtItsDeadlineAndSoDoesItsHandler() async throws {
    try await withEcho { server, channel in
      _ = try await channel.echo(EchoMethods.echo, Echo())
      let clock = ContinuousClock()
      let began = clock.now
      let status = await channel.failure(
        EchoMethods.hang, Echo(), CallOptions(timeout: .milliseconds(500)))
      #expect(status?.code == .deadlineExceeded)
      #expect(clock.now - began < .seconds(5))
      await server.log.cancelled.wait()
    }
  }

  @Test func theServerEndsACallByItselfWhenTheDeadlineIsCapped() async throws {
    try await withEcho({ $0.maximumTimeout = .milliseconds(50) }) { server, channel in
      let status = await channel.failure(
        EchoMethods.hang, Echo(), CallOptions(timeout: .seconds(30)))
      #expect(status?.code == .deadlineExceeded)
      #expect(status?.details?.reason == "DEADLINE_PASSED")
      await server.log.cancelled.wait()
    }
  }

  @Test func cancellingTheCallerCancelsTheHandler() async throws {
    try await withEcho { server, channel in
      let call = Task { await channel.failure(EchoMethods.hang) }
      await server.log.started.wait()
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      await server.log.cancelled.wait()
    }
  }

  @Test func losingTheConnectionCancelsTheHandler() async throws {
    try await withEcho { server, _ in
      let channel = try server.channel()
      let call = Task { await channel.failure(EchoMethods.hang) }
      await server.log.started.wait()
      await channel.close()
      #expect(await call.value?.code == .cancelled)
      await server.log.cancelled.wait()
    }
  }

  @Test func theParentsDeadlineBoundsTheCall() async throws {
    try await withEcho { _, channel in
      let parent = CallContext(
        method: EchoMethods.echo, peer: Peer(certificate: nil, address: ""),
        deadline: .now + .milliseconds(500))
      let status = await channel.failure(
        EchoMethods.hang, Echo(), CallOptions(timeout: .seconds(30), parent: parent))
      #expect(status?.code == .deadlineExceeded)
    }
  }
}
