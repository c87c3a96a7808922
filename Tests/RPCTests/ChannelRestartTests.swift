import Model
import RPC
import Synchronization
import Testing

/// What callers notice of a server that goes and comes back.
@Suite struct ChannelRestartTests {
  private static let once = MethodDescriptor(
    service: EchoMethods.service, name: "Echo", kind: .unary, isIdempotent: false)

  @Test func aRestartCostsIdempotentCallsNoError() async throws {
    let authority = try TestAuthority()
    var instance = try await Instance.start(authority)
    let port = instance.server.port
    let channel = try authority.channel(to: [instance.server.target])
    let safe = SteadyLoad(channel, EchoMethods.echo, callers: 24)
    let unsafe = SteadyLoad(channel, Self.once, callers: 4)
    for _ in 0..<4 {
      await instance.calls.wait(for: 200)
      await instance.server.stop()
      instance = try await Instance.start(authority, port: port)
    }
    await instance.calls.wait(for: 200)
    let (failures, others) = (await safe.end(), await unsafe.end())
    #expect(failures == [])
    #expect(others.allSatisfy { $0.code == .unavailable }, "\(others)")
    await channel.close()
    await instance.server.stop()
  }

  /// As `aRestartCostsIdempotentCallsNoError`, but the connections break without GOAWAY.
  @Test func aBrokenConnectionCostsIdempotentCallsNoError() async throws {
    let authority = try TestAuthority()
    let instance = try await Instance.start(authority)
    let relay = try await Relay.start(to: instance.server.port)
    let channel = try authority.channel(to: [relay.target])
    let safe = SteadyLoad(channel, EchoMethods.echo, callers: 24)
    let unsafe = SteadyLoad(channel, Self.once, callers: 4)
    for _ in 0..<4 {
      await instance.calls.wait(for: instance.calls.value + 200)
      relay.cut()
    }
    await instance.calls.wait(for: instance.calls.value + 200)
    let (failures, others) = (await safe.end(), await unsafe.end())
    #expect(failures == [])
    #expect(others.allSatisfy { $0.code == .unavailable }, "\(others)")
    await channel.close()
    await relay.stop()
    await instance.server.stop()
  }

  @Test func callsWaitForAServerThatRestartsOnlySoLong() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    let channel = try authority.channel(to: [server.target]) {
      $0.restartAllowance = .milliseconds(200)
    }
    _ = try await channel.echo(EchoMethods.echo, Echo())
    await server.stop()
    let first = await ContinuousClock().measure {
      #expect(await channel.failure(EchoMethods.hang)?.code == .unavailable)
    }
    #expect(first > .milliseconds(100))
    let second = await channel.failure(EchoMethods.hang)
    #expect(second?.message == "cannot connect to \(server.target): connection refused")
    await channel.close()
  }

  @Test func aCallThatWaitsForReadyMayComeBeforeItsServer() async throws {
    let authority = try TestAuthority()
    let placeholder = try await TestServer.start(authority: authority)
    await placeholder.stop()
    let channel = try authority.channel(to: [placeholder.target])
    let options = CallOptions(timeout: .seconds(20), waitForReady: true)
    let call = Task {
      try await channel.echo(EchoMethods.echo, Echo(typeURL: "patient"), options)
    }
    #expect(await channel.failure(EchoMethods.echo)?.code == .unavailable)
    let server = try await TestServer.start(authority: authority) { $0.port = placeholder.port }
    let answer = try await call.value
    #expect(answer.typeURL == "patient")
    await channel.close()
    await server.stop()
  }

  @Test func aCallThatWaitsForReadyEndsAtItsDeadline() async throws {
    let authority = try TestAuthority()
    let server = try await TestServer.start(authority: authority)
    await server.stop()
    let channel = try authority.channel(to: [server.target])
    let options = CallOptions(timeout: .milliseconds(150), waitForReady: true)
    #expect(await channel.failure(EchoMethods.echo, Echo(), options)?.code == .deadlineExceeded)
    await channel.close()
  }
}
