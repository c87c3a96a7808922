import Model
import Testing

@testable import RPC

/// What few clients do and every client may: the answers are the same.
@Suite(.serialized) struct LegalOdditiesTests {
  // MARK: Records

  @Test func aRequestInRecordsOfOneByteIsAnswered() async throws {
    try await withPeer { peer, _ in
      peer.headers(1, flags: 0)
      for _ in 0..<3 { peer.continuation(1, [], flags: 0) }
      peer.continuation(1, [])
      peer.data(1, Self.echo("slowly"))
      peer.flush(recordBytes: 1)
      #expect(peer.answers([1]) == [1: Self.echo("slowly")])
    }
  }

  @Test(arguments: [2, 7, 10, 64, 1000])
  func requestsInRecordsThatCutFramesAreAnswered(recordBytes: Int) async throws {
    try await withPeer { peer, _ in
      let streams: [UInt32] = [1, 3, 5]
      for stream in streams {
        peer.headers(stream, flags: FramePeer.endHeaders)
        peer.data(stream, Self.echo("call \(stream)"))
      }
      peer.flush(recordBytes: recordBytes)
      #expect(peer.answers(streams)[5] == Self.echo("call 5"))
    }
  }

  @Test func manyRequestsInOneRecordAreAnswered() async throws {
    try await withPeer { peer, _ in
      let streams = (0..<80).map { UInt32($0 * 2 + 1) }
      for stream in streams { peer.request(stream) }
      #expect(peer.answers(streams).count == 80)
    }
  }

  @Test func aFieldBlockThatArrivesAroundAnotherAnswerStaysWhole() async throws {
    try await withPeer { peer, _ in
      peer.request(1)
      peer.headers(3, flags: FramePeer.endHeaders)
      let rest = peer.flush(leaving: 60)
      peer.waitForEnd(of: 1)
      peer.raw(rest)
      peer.data(3, Self.echo("whole"))
      #expect(peer.answers([3]) == [3: Self.echo("whole")])
    }
  }

  @Test func trailersThatArriveAroundAnotherCallReachTheirOwn() async throws {
    let server = try RawServer()
    let channel = server.channel()
    let isHalfSent = Signal()
    async let served = server.serve { peer -> Bool in
      guard peer.beginServing(), let first = peer.nextRequest() else { return false }
      peer.headers(first, .response, flags: FramePeer.endHeaders)
      peer.data(first, flags: 0)
      peer.headers(first, FieldBlock.trailers.first("grpc-message", "half"))
      let rest = peer.flush(leaving: 10)
      isHalfSent.fire()
      guard let second = peer.nextRequest() else { return false }
      peer.raw(rest)
      peer.answer(second)
      return peer.outcome(.goesOn) == .goesOn
    }
    async let first = channel.failure(EchoMethods.hang, Echo(), CallOptions(timeout: .seconds(5)))
    await isHalfSent.wait()
    let second = await channel.failure(EchoMethods.hang, Echo(), CallOptions(timeout: .seconds(5)))
    let (one, isServed) = (await first, try await served)
    #expect(one == nil && second == nil && isServed)
    await channel.close()
  }

  // MARK: Requests

  @Test func aMessageInDataOfOneByteEachIsAnswered() async throws {
    try await withPeer { peer, _ in
      for stream: UInt32 in [1, 3] { peer.open(stream) }
      let message = Self.echo("crumbs")
      for (index, byte) in message.enumerated() {
        for stream: UInt32 in [1, 3] {
          peer.data(stream, [byte], flags: index == message.count - 1 ? 1 : 0)
        }
      }
      #expect(peer.answers([1, 3]) == [1: message, 3: message])
    }
  }

  @Test func aRequestMayEndWithEmptyData() async throws {
    try await withPeer { peer, _ in
      peer.open(1)
      peer.data(1, Self.echo("then nothing"), flags: 0)
      peer.data(1, [])
      #expect(peer.answers([1]) == [1: Self.echo("then nothing")])
    }
  }

  @Test(arguments: ["Echo", "Collect"])
  func aRequestMayEndWithTrailers(method: String) async throws {
    try await withPeer { peer, _ in
      peer.open(1, method)
      peer.data(1, Self.echo("a"), flags: 0)
      peer.headers(1, FieldBlock(fields: [("x-checksum", "1")]))
      #expect(peer.answers([1]) == [1: Self.echo("a")])
    }
  }

  @Test func aStreamOfNoRequestsEndsWithItsHeaders() async throws {
    try await withPeer { peer, _ in
      peer.headers(1, .request("Collect"))
      peer.headers(3, .request("Chat"))
      peer.headers(5, .request("Count"))
      // An empty message; nothing; a refusal, because the one request is missing.
      #expect(peer.answers([1, 3, 5]) == [1: FramePeer.message, 3: [], 5: []])
    }
  }

  @Test func theLastStreamThereCanBeIsAnsweredAndNoneAfterIt() async throws {
    try await withPeer { peer, _ in
      peer.request(0x7fff_ffff)
      #expect(peer.answers([0x7fff_ffff]).count == 1)
      peer.request(1)
      #expect(peer.outcome(.goesOn) == .connectionError(.protocolError))
    }
  }

  @Test func tenThousandCallsFollowEachOtherOnOneConnection() async throws {
    try await withPeer { peer, _ in
      var answered = 0
      for round in 0..<100 {
        let streams = (0..<100).map { UInt32((round * 100 + $0) * 2 + 1) }
        for stream in streams { peer.request(stream) }
        answered += peer.answers(streams).count
      }
      #expect(answered == 10_000)
    }
  }

  // MARK: Flow control

  @Test func paddingIsCountedInBothWindowsAndGivenBack() async throws {
    try await withPeer { peer, _ in
      peer.open(1, "Collect")
      var window = (stream: 256 << 10, connection: 1 << 20)
      // Twice the connection's window: 26 empty messages in each frame, and twice as much padding.
      let payload = [254] + [UInt8](repeating: 0, count: 130 + 254)
      for _ in 0..<(2 << 20) / payload.count {
        peer.data(1, payload, flags: FramePeer.padded)
        window.stream -= payload.count
        window.connection -= payload.count
        while min(window.stream, window.connection) < payload.count {
          let frame = peer.wait { $0.type == 8 }
          let update = try #require(frame)
          if update.stream == 1 { window.stream += update.number }
          if update.stream == 0 { window.connection += update.number }
        }
      }
      peer.data(1, [])
      #expect(peer.answers([1]) == [1: FramePeer.message])
    }
  }

  @Test func aWindowThatShrinksDuringAnAnswerIsKept() async throws {
    try await withPeer { peer, _ in
      let message = Self.echo(String(repeating: "x", count: 60_000))
      peer.settings((4, 20_000))
      peer.waitForAcknowledgedSettings()
      peer.open(1)
      for start in stride(from: 0, to: message.count, by: 16_000) {
        let end = min(start + 16_000, message.count)
        peer.data(1, Array(message[start..<end]), flags: end == message.count ? 1 : 0)
      }
      var received: [UInt8] = []
      while received.count < 20_000 {
        let frame = peer.wait { $0.type == 0 }
        received += try #require(frame).payload
      }
      #expect(received.count == 20_000)
      // The window is now −19,000: this opens it by one octet.
      peer.settings((4, 1000))
      peer.waitForAcknowledgedSettings()
      peer.windowUpdate(1, 19_001)
      let frame = peer.wait { $0.type == 0 }
      #expect(frame?.payload.count == 1)
      received += frame?.payload ?? []
      peer.settings((4, 70_000))
      #expect(received + (peer.answers([1])[1] ?? []) == message)
    }
  }

  @Test func noFrameIsLongerThanAllowedAndLongerOnesAreUsedWhenAllowed() async throws {
    try await withPeer { peer, _ in
      peer.settings((4, 1 << 20), (5, 16_384))
      peer.windowUpdate(0, 1 << 20)
      let message = Self.echo(String(repeating: "y", count: 100_000))
      for (stream, limit): (UInt32, Int) in [(1, 16_384), (3, 1 << 24 - 1)] {
        peer.settings((5, UInt32(limit)))
        peer.open(stream)
        for start in stride(from: 0, to: message.count, by: 16_000) {
          let end = min(start + 16_000, message.count)
          peer.data(stream, Array(message[start..<end]), flags: end == message.count ? 1 : 0)
        }
        var longest = 0
        let answer = peer.answers([stream]) { longest = max(longest, $0.payload.count) }
        #expect(answer == [stream: message])
        #expect(longest <= limit)
      }
    }
  }

  @Test func aHeaderTableOfNothingIsKept() async throws {
    try await withPeer { peer, _ in
      peer.request(1)
      #expect(peer.answers([1]).count == 1)
      peer.settings((1, 0))
      peer.waitForAcknowledgedSettings()
      peer.request(3)
      // A table size update to nothing comes first in the next field block (RFC 7541, 4.2).
      let frame = peer.wait { $0.type == 1 && $0.stream == 3 }
      #expect(frame?.payload.first == 0x20)
    }
  }

  // MARK: Ends

  @Test func aClientThatClosesItsSideGetsWhatIsReadyAndEndsWhatIsNot() async throws {
    try await withPeer { peer, server in
      peer.request(1, "Hang")
      peer.flush()
      await server.log.started.wait()
      peer.request(3)
      peer.flushAndEndSending()
      let answer = peer.wait { $0.type == 0 && $0.stream == 3 }
      #expect(answer?.payload == FramePeer.message)
      let more = peer.wait { _ in false }
      #expect(more == nil && !peer.connection.hasTimedOut)
      await server.log.cancelled.wait()
    }
  }

  // MARK: Support

  /// A framed `Echo` with this text.
  private static func echo(_ text: String) -> [UInt8] {
    MessageFrame.framed(Echo(typeURL: text))
  }

  private func withPeer(_ body: (FramePeer, TestServer) async throws -> Void) async throws {
    try await withEcho { server, _ in
      let credentials = try server.authority.credentials(TestAuthority.clientID)
      let context = try TLSContext(credentials, side: .client)
      let peer = FramePeer(try RawConnection(PlainConnection(port: server.port), context))
      peer.raw(RawConnection.preface)
      peer.exchangeSettings()
      try await body(peer, server)
    }
  }
}

extension RawConnection.Frame {
  /// The number that a WINDOW_UPDATE consists of.
  var number: Int { payload.prefix(4).reduce(0) { $0 << 8 | Int($1) } }
}
