import Model
import RPC
import Synchronization
import Testing

/// A channel whose peer does not behave.
@Suite struct ChannelPeerTests {
  @Test func aChannelClosesAtOnceThoughItsPeerNeverAnswers() async throws {
    let relay = try await Relay.start(to: 0, .silent)
    let channel = try TestAuthority().channel(to: [relay.target])
    let call = Task { await channel.failure(EchoMethods.echo) }
    while relay.accepted.load(ordering: .relaxed) == 0 { await Task.yield() }
    let took = await ContinuousClock().measure { await channel.close() }
    #expect(took < .seconds(1))
    #expect(await call.value == RPCStatus(code: .unavailable, message: "the channel is closed"))
    await relay.stop()
  }

  @Test func aChannelClosesSoonThoughItsPeerHasFallenSilent() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let relay = try await Relay.start(to: server.port)
    let channel = try authority.channel(to: [relay.target])
    let call = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    relay.manner = .silent
    let took = await ContinuousClock().measure { await channel.close() }
    #expect(took < .seconds(2))
    #expect(await call.value?.code == .cancelled)
    await relay.stop()
    await server.stop()
  }

  @Test func aSilentPeerIsAskedAndThenLeft() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let relay = try await Relay.start(to: server.port)
    let channel = try authority.channel(to: [relay.target]) {
      $0.keepaliveInterval = .milliseconds(100)
    }
    let call = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    relay.manner = .silent
    #expect(
      await call.value
        == RPCStatus(
          code: .unavailable, message: "connection lost: the peer has fallen silent"))
    relay.manner = .forward
    _ = try await channel.echo(EchoMethods.echo, Echo())
    await channel.close()
    await relay.stop()
    await server.stop()
  }

  @Test func bytesMayComeOneAtATime() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let relay = try await Relay.start(to: server.port, .trickle)
    let channel = try authority.channel(to: [relay.target])
    let request = Echo(typeURL: "chậm", value: [UInt8](repeating: 3, count: 3000))
    let response = try await channel.echo(EchoMethods.echo, request)
    #expect(response == request)
    await channel.close()
    await relay.stop()
    await server.stop()
  }

  @Test func aPeerThatHangsUpIsToldInPlainWords() async throws {
    let authority = try TestAuthority()
    let relay = try await Relay.start(to: 0, .silent)
    let channel = try authority.channel(to: [relay.target]) {
      $0.connectTimeout = .milliseconds(200)
    }
    let late = await channel.failure(EchoMethods.echo)
    #expect(
      late?.message == "cannot connect to \(relay.target): the handshake took too long")
    let call = Task { await channel.failure(EchoMethods.echo) }
    while relay.accepted.load(ordering: .relaxed) < 2 {
      if let early = await channel.failure(EchoMethods.echo) {
        #expect(early.code == .unavailable)
      }
    }
    relay.cut()
    let status = await call.value
    #expect(status?.message.contains("descriptor") == false, "\(String(describing: status))")
    await channel.close()
    await relay.stop()
  }

  @Test func aCallInProgressIsCancelledWhileItWaitsForAConnection() async throws {
    let relay = try await Relay.start(to: 0, .silent)
    let channel = try TestAuthority().channel(to: [relay.target])
    let call = Task { await channel.failure(EchoMethods.echo) }
    while relay.accepted.load(ordering: .relaxed) == 0 { await Task.yield() }
    call.cancel()
    #expect(await call.value?.code == .cancelled)
    await channel.close()
    await relay.stop()
  }
}
