import Model
import RPC
import Synchronization
import Testing

/// Which address of a channel's target gets a call.
@Suite struct ChannelBalancingTests {
  @Test func instancesTakeCallsInTurn() async throws {
    let authority = try TestAuthority()
    let one = try await Instance.start(authority)
    let two = try await Instance.start(authority)
    let channel = try authority.channel(to: [one.server.target, two.server.target])
    try await channel.callUntil { one.calls.value > 0 && two.calls.value > 0 }
    let before = (one.calls.value, two.calls.value)
    for _ in 0..<100 { _ = try await channel.echo(EchoMethods.echo, Echo()) }
    #expect(one.calls.value - before.0 == 50 && two.calls.value - before.1 == 50)
    await channel.close()
    await one.server.stop()
    await two.server.stop()
  }

  @Test func anInstanceThatFailsTakesNoCallsUntilItIsBack() async throws {
    let authority = try TestAuthority()
    let one = try await Instance.start(authority)
    let two = try await Instance.start(authority)
    let channel = try authority.channel(to: [one.server.target, two.server.target])
    try await channel.callUntil { one.calls.value > 0 && two.calls.value > 0 }
    await two.server.stop()
    let before = one.calls.value
    for _ in 0..<100 { _ = try await channel.echo(EchoMethods.echo, Echo()) }
    #expect(one.calls.value - before == 100)
    let back = try await Instance.start(authority, port: two.server.port)
    try await channel.callUntil { back.calls.value > 0 }
    let (first, second) = (one.calls.value, back.calls.value)
    for _ in 0..<10 { _ = try await channel.echo(EchoMethods.echo, Echo()) }
    #expect(one.calls.value - first == 5 && back.calls.value - second == 5)
    await channel.close()
    await one.server.stop()
    await back.server.stop()
  }

  /// Nothing answers a connection to the silent one; calls do not wait for it.
  @Test func anAddressThatDoesNotAnswerHoldsUpNoCall() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let silent = try await Relay.start(to: 0, .silent)
    let channel = try authority.channel(to: [silent.target, server.target])
    let took = try await ContinuousClock().measure {
      for _ in 0..<20 { _ = try await channel.echo(EchoMethods.echo, Echo()) }
    }
    #expect(took < .seconds(3))
    await channel.close()
    await silent.stop()
    await server.stop()
  }

  /// `localhost` may stand for ::1 too, where nothing listens.
  @Test func aNameStandsForAllItsAddresses() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let channel = try authority.channel(to: ["localhost:\(server.port)"])
    for _ in 0..<10 { _ = try await channel.echo(EchoMethods.echo, Echo()) }
    await channel.close()
    await server.stop()
  }

  @Test func aNameThatDoesNotExistIsSaidSo() async throws {
    let channel = try TestAuthority().channel(to: ["nowhere.invalid:1"])
    let status = await channel.failure(EchoMethods.echo)
    #expect(status?.code == .unavailable)
    #expect(status?.message.contains("the name nowhere.invalid was not found") == true)
    await channel.close()
  }

  /// The server refuses streams above its limit; none must be.
  @Test func callsKeepWithinTheServersLimitOfStreams() async throws {
    let authority = try TestAuthority()
    let one = try await Instance.start(authority) { $0.maximumConcurrentStreams = 2 }
    let channel = try authority.channel(to: [one.server.target]) {
      $0.maximumConnections = 1
      $0.maximumAttempts = 1
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask { _ = try await channel.echo(EchoMethods.echo, Echo()) }
      }
      try await group.waitForAll()
    }
    #expect(one.calls.value == 50)
    await channel.close()
    await one.server.stop()
  }

  @Test func aCallThatFindsNoRoomEndsAtItsDeadline() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority) {
      $0.maximumConcurrentStreams = 1
    }
    let channel = try authority.channel(to: [server.target]) { $0.maximumConnections = 1 }
    let first = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    let status = await channel.failure(
      EchoMethods.echo, Echo(), CallOptions(timeout: .milliseconds(100)))
    #expect(status == RPCStatus(code: .deadlineExceeded, message: "no connection in time"))
    let waiting = Task { await channel.failure(EchoMethods.echo) }
    waiting.cancel()
    #expect(await waiting.value?.code == .cancelled)
    first.cancel()
    #expect(await first.value?.code == .cancelled)
    _ = try await channel.echo(EchoMethods.echo, Echo())
    await channel.close()
    await server.stop()
  }

  @Test func aBusyConnectionGetsASecond() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority) {
      $0.maximumConcurrentStreams = 1
    }
    let relay = try await Relay.start(to: server.port)
    let channel = try authority.channel(to: [relay.target]) { $0.maximumConnections = 2 }
    let first = Task { await channel.failure(EchoMethods.hang) }
    await server.log.started.wait()
    _ = try await channel.echo(EchoMethods.echo, Echo())
    #expect(relay.accepted.load(ordering: .relaxed) == 2)
    first.cancel()
    _ = await first.value
    await channel.close()
    await relay.stop()
    await server.stop()
  }
}
