import Model
import Testing

@testable import RPC

/// What few servers do and every server may: calls through our client end as they should.
@Suite(.serialized) struct LegalServerTests {
  private static let options = CallOptions(timeout: .seconds(10))

  @Test(arguments: [1, 3, 10])
  func anAnswerInSmallRecordsArrives(recordBytes: Int) async throws {
    try await serving { channel in
      let answer = try await channel.echo(EchoMethods.hang, Echo(), Self.options)
      #expect(answer.typeURL == "slowly")
    } playing: { peer in
      guard let stream = peer.nextRequest() else { return false }
      peer.headers(stream, FieldBlock(fields: [(":status", "103")]), flags: FramePeer.endHeaders)
      peer.headers(stream, .response, flags: 0)
      peer.continuation(stream, [])
      peer.data(stream, MessageFrame.framed(Echo(typeURL: "slowly")), flags: 0)
      peer.headers(stream, .trailers)
      peer.flush(recordBytes: recordBytes)
      return true
    }
  }

  @Test func paddingOfAnAnswerIsGivenBackToBothWindows() async throws {
    try await serving { channel in
      let status = await channel.failure(EchoMethods.hang, Echo(), Self.options)
      #expect(status == nil)
    } playing: { peer in
      guard let stream = peer.nextRequest() else { return false }
      peer.headers(stream, .response, flags: FramePeer.endHeaders)
      var window = (stream: 256 << 10, connection: 1 << 20)
      // Twice the connection's window, of nothing but padding.
      for _ in 0..<(2 << 20) / 256 {
        peer.data(stream, [255] + [UInt8](repeating: 0, count: 255), flags: FramePeer.padded)
        window.stream -= 256
        window.connection -= 256
        while min(window.stream, window.connection) < 256 {
          guard let update = peer.wait(for: { $0.type == 8 }) else { return false }
          if update.stream == stream { window.stream += update.number }
          if update.stream == 0 { window.connection += update.number }
        }
      }
      peer.data(stream, flags: 0)
      peer.headers(stream, .trailers)
      peer.flush()
      return true
    }
  }

  @Test func aRequestKeepsToAWindowThatOpensSlowlyAndShrinks() async throws {
    let request = Echo(typeURL: String(repeating: "x", count: 200))
    try await serving { channel in
      let status = await channel.failure(EchoMethods.hang, request, Self.options)
      #expect(status == nil)
    } playing: { peer in
      guard let head = peer.wait(for: { $0.type == 1 }) else { return false }
      let whole = MessageFrame.framed(request)
      var received = peer.wait { $0.type == 0 }?.payload ?? []
      guard received.count == 50 else { return false }
      // From 0 to −40, which 41 opens by one octet.
      peer.settings((4, 10))
      peer.waitForAcknowledgedSettings()
      peer.windowUpdate(head.stream, 41)
      let next = peer.wait { $0.type == 0 }?.payload ?? []
      guard next.count == 1 else { return false }
      received += next
      peer.settings((4, 65_535))
      while received.count < whole.count {
        guard let more = peer.wait(for: { $0.type == 0 }) else { return false }
        received += more.payload
      }
      peer.answer(head.stream)
      peer.flush()
      return received == whole
    } settings: {
      $0.settings((4, 50))
    }
  }

  @Test func aCallTooManyWaitsForTheOneBeforeIt() async throws {
    try await serving { channel in
      async let first = channel.failure(EchoMethods.hang, Echo(), Self.options)
      async let second = channel.failure(EchoMethods.hang, Echo(), Self.options)
      let both = await (first, second)
      #expect(both.0 == nil && both.1 == nil)
    } playing: { peer in
      guard let first = peer.nextRequest() else { return false }
      peer.frame(.ping, [UInt8](repeating: 1, count: 8))
      // Until the first is answered, the second does not come.
      let next = peer.wait { $0.type == 1 || $0.type == 6 && $0.flags == 1 }
      guard next?.type == 6 else { return false }
      peer.answer(first)
      guard let second = peer.nextRequest() else { return false }
      peer.answer(second)
      peer.flush()
      return true
    } settings: {
      $0.settings((3, 1))
    }
  }

  @Test func aHeaderTableOfNothingIsKept() async throws {
    try await serving { channel in
      for _ in 0..<2 {
        let status = await channel.failure(EchoMethods.hang, Echo(), Self.options)
        #expect(status == nil)
      }
    } playing: { peer in
      guard let first = peer.nextRequest() else { return false }
      peer.settings((1, 0))
      peer.waitForAcknowledgedSettings()
      peer.answer(first)
      // A table size update to nothing comes first in the next field block (RFC 7541, 4.2).
      guard let second = peer.wait(for: { $0.type == 1 }) else { return false }
      peer.answer(second.stream)
      peer.flush()
      return second.payload.first == 0x20
    }
  }

  @Test func aCallThatTheServerDidNotTakeIsMadeAgain() async throws {
    let server = try RawServer()
    let channel = server.channel()
    async let served = server.serve { peer in
      guard peer.beginServing(), peer.nextRequest() != nil else { return false }
      peer.frame(.goAway, FramePeer.number(0) + FramePeer.number(0))
      return peer.outcome(.closed) == .closed
    }
    async let status = channel.failure(EchoMethods.hang, Echo(), Self.options)
    let isRefused = try await served
    let isServed = try await server.serve { peer in
      guard peer.beginServing(), let stream = peer.nextRequest() else { return false }
      peer.answer(stream)
      return peer.outcome(.goesOn) == .goesOn
    }
    let ending = await status
    #expect(isRefused && isServed && ending == nil)
    await channel.close()
  }

  @Test func aConnectionThatTheServerClosesWhenIdleIsReplaced() async throws {
    let server = try RawServer()
    let channel = server.channel()
    for _ in 0..<3 {
      async let served = server.serve { peer in
        guard peer.beginServing(), let stream = peer.nextRequest() else { return false }
        peer.answer(stream)
        peer.flushAndEndSending()
        return peer.wait { _ in false } == nil && !peer.connection.hasTimedOut
      }
      let status = await channel.failure(EchoMethods.hang, Echo(), Self.options)
      let isClosed = try await served
      #expect(status == nil && isClosed)
    }
    await channel.close()
  }

  /// Runs calls against one connection of a server; `play` says whether all was as it should be.
  private func serving(
    _ calls: (RPCChannel) async throws -> Void,
    playing play: @escaping @Sendable (FramePeer) -> Bool,
    settings: @escaping @Sendable (FramePeer) -> Void = { _ in }
  ) async throws {
    let server = try RawServer()
    let channel = server.channel {
      $0.maximumConnections = 1
      $0.maximumAttempts = 1
    }
    async let served = server.serve { peer in
      settings(peer)
      return peer.beginServing() && play(peer) && peer.outcome(.goesOn) != .silence
    }
    try await calls(channel)
    await channel.close()
    let isAsExpected = try await served
    #expect(isAsExpected)
  }
}
