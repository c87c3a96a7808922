import Model
import Testing

@testable import RPC

/// What a peer may send that no honest client does. The connection ends, or the stream; the server goes on.
@Suite(.serialized) struct HostilePeerTests {
  @Test func aMalformedFrameEndsTheConnection() async throws {
    // SETTINGS whose length is not a multiple of six: FRAME_SIZE_ERROR.
    try await expectGoAway(6) { $0.send(type: 4, [1, 2, 3]) }
  }

  @Test func bytesThatAreNotHTTP2EndTheConnection() async throws {
    try await withEcho { server, channel in
      let raw = try RawConnection(server)
      raw.send([UInt8](repeating: 0xff, count: 100_000))
      let frame = raw.frame(type: 200)
      #expect(frame == nil)
      _ = try await channel.echo(EchoMethods.echo, Echo())
    }
  }

  @Test(arguments: [
    ([2, 0, 0, 0, 0], "flag byte"), ([1, 0, 0, 0, 0], "compressed without an encoding"),
    ([0, 0, 0, 0, 9, 1], "truncated"), ([], "no message"),
    ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "two messages"), ([0, 0xff, 0xff, 0xff, 0xff], "too long"),
  ])
  func aMalformedMessageEndsTheCallWithAStatus(bytes: [UInt8], what: String) async throws {
    try await withEcho { server, channel in
      let raw = try RawConnection(server)
      raw.sendHeaders(stream: 1)
      raw.sendData(stream: 1, bytes)
      let answer = try #require(raw.frame(type: 1, stream: 1))
      // Trailers-only: one HEADERS frame that ends the stream.
      #expect(answer.flags & 1 == 1)
      raw.sendHeaders(stream: 3)
      raw.sendData(stream: 3, [0, 0, 0, 0, 0])
      let next = raw.frame(type: 0, stream: 3)
      #expect(next?.payload == [0, 0, 0, 0, 0])
    }
  }

  @Test func anOversizedMessageIsRefusedOnItsPrefixAndTheUploadStopped() async throws {
    try await withEcho { server, channel in
      let raw = try RawConnection(server)
      raw.sendHeaders(stream: 1)
      raw.sendData(stream: 1, [0, 0x7f, 0xff, 0xff, 0xff], isLast: false)
      let answer = raw.frame(type: 1, stream: 1)
      let reset = raw.frame(type: 3, stream: 1)
      #expect(answer != nil && reset?.errorCode == 0)
    }
  }

  @Test func requestsThatNeverEndAreHeldUpToALimit() async throws {
    try await withEcho({ $0.maximumHeldBytes = 40_000 }) { server, channel in
      let raw = try RawConnection(server)
      let part = [0, 0, 1, 0, 0] + [UInt8](repeating: 0, count: 15_000)
      for stream: UInt32 in [1, 3, 5] {
        raw.sendHeaders(stream: stream)
        raw.sendData(stream: stream, part, isLast: false)
      }
      let answer = raw.frame(type: 1, stream: 5)
      #expect(answer.map { $0.flags & 1 } == 1)
    }
  }

  @Test func anAnswerThatIsNotReadIsGivenUp() async throws {
    try await withEcho({ $0.maximumTimeout = .milliseconds(300) }) { server, channel in
      let raw = try RawConnection(server)
      // The default window of 65,535 bytes, which this client never opens again, is too small for the answer.
      raw.sendHeaders(stream: 1)
      let count = 100_000
      let message: [UInt8] = [0x12, 0xa0, 0x8d, 0x06] + [UInt8](repeating: 1, count: count)
      var framed = [0, 0, 1, 0x86, 0xa4] + message
      while !framed.isEmpty {
        let part = Array(framed.prefix(10_000))
        framed.removeFirst(part.count)
        raw.sendData(stream: 1, part, isLast: framed.isEmpty)
      }
      let reset = raw.frame(type: 3, stream: 1)
      #expect(reset?.errorCode == 8)
    }
  }

  @Test(arguments: [
    (":method", "GET"), ("content-type", "application/json"), ("te", nil),
    ("grpc-timeout", "123456789S"), ("grpc-timeout", "5"), ("grpc-encoding", "snappy"),
  ])
  func aRequestThatIsNotGRPCIsAnsweredWithoutAHandler(field: String, value: String?) async throws {
    try await withEcho { server, channel in
      let raw = try RawConnection(server)
      raw.sendHeaders(stream: 1, isLast: true, replacing: [field: value])
      let answer = raw.frame(type: 1, stream: 1)
      #expect(answer.map { $0.flags & 1 } == 1)
    }
  }

  @Test func headersAboveTheLimitAreRefused() async throws {
    try await withEcho({ $0.maximumHeaderListBytes = 1000 }) { server, channel in
      let long = CallOptions(metadata: Metadata([("x-long", String(repeating: "x", count: 2000))]))
      let status = await channel.failure(EchoMethods.echo, Echo(), long)
      #expect(status?.code == .resourceExhausted)
      let huge = CallOptions(metadata: Metadata([("x-huge", String(repeating: "x", count: 9000))]))
      #expect(await channel.failure(EchoMethods.echo, Echo(), huge) != nil)
      _ = try await channel.echo(EchoMethods.echo, Echo())
    }
  }

  @Test func aConnectionWithoutHandshakeIsClosedInTime() async throws {
    try await withEcho({ $0.handshakeTimeout = .milliseconds(100) }) { server, channel in
      let silent = try PlainConnection(port: server.port)
      #expect(silent.readToEnd())
    }
  }

  private func expectGoAway(_ code: UInt32, _ attack: (RawConnection) -> Void) async throws {
    try await withEcho { server, channel in
      let raw = try RawConnection(server)
      attack(raw)
      let goAway = raw.frame(type: 7)
      #expect(goAway?.errorCode == code)
      let other = try await channel.echo(EchoMethods.echo, Echo(typeURL: "unharmed"))
      #expect(other.typeURL == "unharmed")
    }
  }
}
