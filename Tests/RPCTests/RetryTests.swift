import Model
import RPC
import Synchronization
import Testing

@Suite struct RetryTests {
  @Test func anIdempotentCallIsRepeatedWhileTheServiceIsUnavailable() async throws {
    try await withEcho { server, channel in
      let method = MethodDescriptor(
        service: EchoMethods.service, name: "Flaky", kind: .unary, isIdempotent: true)
      let response = try await channel.echo(method, Echo(typeURL: "third"))
      #expect(response.typeURL == "third")
      #expect(server.log.attempts.load(ordering: .relaxed) == 3)
    }
  }

  @Test func anotherCallIsNot() async throws {
    try await withEcho { server, channel in
      #expect(await channel.failure(EchoMethods.flaky)?.code == .unavailable)
      #expect(server.log.attempts.load(ordering: .relaxed) == 1)
    }
  }

  @Test func otherFailuresAreNotRepeated() async throws {
    try await withEcho { _, channel in
      let method = MethodDescriptor(
        service: EchoMethods.service, name: "Fail", kind: .unary, isIdempotent: true)
      #expect(await channel.failure(method)?.code == .failedPrecondition)
    }
  }

  @Test func nothingListeningIsUnavailableAtOnce() async throws {
    let server = try await TestServer.start()
    let channel = try server.channel()
    await server.stop()
    let status = await channel.failure(EchoMethods.hang)
    #expect(status?.code == .unavailable)
    #expect(status?.message.contains(server.target) == true)
    await channel.close()
    #expect(await channel.failure(EchoMethods.hang)?.message == "the channel is closed")
  }

  @Test func aTargetThatIsNotHostAndPortIsSaidSo() async throws {
    let tls = try TLSContextStore(TestAuthority().credentials(TestAuthority.clientID))
    let channel = RPCChannel(target: "nowhere", tls: tls, expecting: .anyTrusted)
    #expect(await channel.failure(EchoMethods.echo)?.code == .invalidArgument)
    await channel.close()
  }
}
