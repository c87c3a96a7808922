import Model
import Testing

@testable import RPC

/// Traffic from a seed: what is legal is answered in full, what is damaged ends the connection and nothing else.
@Suite(.serialized) struct RandomTrafficTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func everyLegalRequestIsAnswered(seed: UInt64) async throws {
    try await withEcho { server, _ in
      let peer = try Self.connect(server, Self.context(server))
      peer.settings((4, 1 << 20))
      peer.windowUpdate(0, 1 << 20)
      var traffic = LegalTraffic(seed: seed)
      traffic.write(calls: 60, to: peer)
      peer.flush(recordBytes: Int(seed) * 97)
      #expect(peer.answers(Array(traffic.expected.keys)) == traffic.expected)
    }
  }

  @Test func damagedRequestsEndTheirConnectionAndNothingElse() async throws {
    try await withEcho { server, channel in
      let context = try Self.context(server)
      for seed: UInt64 in 1...100 {
        let peer = try Self.connect(server, context)
        var traffic = LegalTraffic(seed: seed)
        traffic.write(calls: 3, to: peer)
        peer.raw(Self.damaged(peer.takeUnsent(), seed))
        peer.flushAndEndSending()
        let last = peer.wait { _ in false }
        #expect(last == nil && !peer.connection.hasTimedOut, "seed \(seed)")
      }
      let other = try await channel.echo(EchoMethods.echo, Echo(typeURL: "unharmed"))
      #expect(other.typeURL == "unharmed")
    }
  }

  @Test func damagedAnswersEndTheirCallAndNothingElse() async throws {
    let server = try RawServer()
    for seed: UInt64 in 1...50 {
      let channel = server.channel { $0.maximumAttempts = 1 }
      async let served = server.serve { peer in
        guard peer.beginServing(), let stream = peer.nextRequest() else { return false }
        peer.headers(stream, .response.with("x-more", "more"), flags: FramePeer.endHeaders)
        peer.data(stream, [0, 0, 0, 0, 3, 0x0a, 1, 0x61], flags: 0)
        peer.headers(stream, .trailers)
        peer.raw(Self.damaged(peer.takeUnsent(), seed))
        peer.flushAndEndSending()
        return true
      }
      let status = await channel.failure(
        EchoMethods.hang, Echo(), CallOptions(timeout: .seconds(10)))
      // A damaged octet of the message itself is none of HTTP/2's business, so the call may succeed.
      #expect(status?.code != .deadlineExceeded, "seed \(seed)")
      let isServed = try await served
      #expect(isServed)
      await channel.close()
    }
  }

  /// The bytes with some of them changed, left out or repeated.
  private static func damaged(_ bytes: [UInt8], _ seed: UInt64) -> [UInt8] {
    var (bytes, random) = (bytes, SplitMix64(seed: seed &* 977))
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard let index = bytes.indices.randomElement(using: &random) else { break }
      let end = min(bytes.count, index + Int.random(in: 1...12, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.removeSubrange(index..<end)
      case 1: bytes.insert(contentsOf: bytes[index..<end], at: index)
      case 2: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      default: bytes[index] = .random(in: 0...255, using: &random)
      }
    }
    return bytes
  }

  private static func context(_ server: TestServer) throws -> TLSContext {
    try TLSContext(server.authority.credentials(TestAuthority.clientID), side: .client)
  }

  private static func connect(_ server: TestServer, _ context: TLSContext) throws -> FramePeer {
    let peer = FramePeer(try RawConnection(PlainConnection(port: server.port), context))
    peer.raw(RawConnection.preface)
    peer.exchangeSettings()
    return peer
  }
}
