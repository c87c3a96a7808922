import Model
import Testing

@testable import RPC

/// Peers that cost us by what they do not do: finish a handshake, a block of fields or a request, read, or ask for anything.
@Suite(.serialized) struct UnhurriedPeerTests {
  private static let cancel: UInt32 = 8

  enum Hello: CaseIterable { case none, partial, whole }

  @Test(arguments: Hello.allCases)
  func halfOpenHandshakesKeepNobodyOutAndEndInTime(hello: Hello) async throws {
    try await withEcho({
      $0.handshakeTimeout = .milliseconds(800)
      $0.maximumConnectionsPerAddress = 60
      $0.maximumHandshakesPerAddress = 40
    }) { server, channel in
      let port = server.port
      let hello = try Self.bytes(of: hello, server)
      let silent = try await onThread {
        try Silent(
          (0..<200).map { _ in
            let connection = try PlainConnection(port: port)
            connection.send(hello)
            return connection
          })
      }
      let start = ContinuousClock.now
      let answer = try await channel.echo(EchoMethods.echo, Echo(typeURL: "in"))
      #expect(answer.typeURL == "in" && start.duration(to: .now) < .seconds(1))
      let areClosed = try await onThread { silent.connections.allSatisfy { $0.readToEnd() } }
      #expect(areClosed)
      _ = try await channel.echo(EchoMethods.echo, Echo())
    }
  }

  private static func bytes(of hello: Hello, _ server: TestServer) throws -> [UInt8] {
    let credentials = try server.authority.credentials(TestAuthority.clientID)
    let tls = try TLSEngine(TLSContext(credentials, side: .client))
    _ = tls.handshake()
    var bytes = [UInt8](repeating: 0, count: tls.outputBytes)
    _ = bytes.withUnsafeMutableBytes { tls.takeOutput(into: $0) }
    switch hello {
    case .none: return []
    case .partial: return Array(bytes.dropLast())
    case .whole: return bytes
    }
  }

  /// Used by one thread at a time: made on one and handed to the next.
  private struct Silent: @unchecked Sendable {
    let connections: [PlainConnection]
    init(_ connections: [PlainConnection]) { self.connections = connections }
  }

  @Test func aPeerWithoutPrefaceIsClosedInTime() async throws {
    try await attack({ $0.handshakeTimeout = .milliseconds(200) }, settings: nil) {
      #expect($0.end(within: 5000) == .closed)
    }
  }

  @Test(arguments: [true, false])
  func fieldsThatNeverEndEndTheConnection(isTrickling: Bool) async throws {
    try await attack({ $0.keepaliveInterval = .milliseconds(150) }) { attacker in
      let request = RawFrame.request(stream: 1, isWhole: false)
      attacker.write(isTrickling ? Array(request.prefix(9)) : request)
      var rest = isTrickling ? request.dropFirst(9).prefix(80) : []
      while let byte = rest.popFirst(), attacker.end(within: 20) == nil { attacker.write([byte]) }
      #expect(attacker.end(within: 5000) != nil)
    }
  }

  @Test(arguments: ["Echo", "Count"])
  func aRequestThatNeverCompletesEndsAtTheDeadline(method: String) async throws {
    try await attack({ $0.maximumTimeout = .milliseconds(200) }) { attacker in
      attacker.add(RawFrame.request(stream: 1, path: "/ndx.test.v1.EchoService/\(method)"))
      attacker.add(RawFrame.bytes(.data, stream: 1, [0, 0, 0]))
      attacker.flush()
      // The answer, and word that the rest of the request is not wanted.
      #expect(attacker.read { $0.ended == [1] && $0.resets[1] == 0 })
    }
  }

  @Test func answersWithoutAWindowEndAtTheDeadline() async throws {
    let settings = RawFrame.setting(4, 0)
    try await attack({ $0.maximumTimeout = .milliseconds(500) }, settings: settings) { attacker in
      for stream in Self.streams(200) { Self.echo(20_000, on: stream, by: attacker) }
      attacker.flush()
      #expect(attacker.read { $0.resets.count == 200 })
      #expect(attacker.resets.values.allSatisfy { $0 == Self.cancel })
      #expect(attacker.dataBytes == 0)
    }
  }

  @Test func answersThatAreNotReadAreHeldUpToALimit() async throws {
    let configure: @Sendable (inout RPCServerConfiguration) -> Void = {
      $0.maximumTimeout = .seconds(1)
      $0.maximumHeldBytes = 1 << 20
    }
    try await attack(configure, settings: RawFrame.setting(4, 0)) { attacker in
      for stream in Self.streams(200) { Self.echo(20_000, on: stream, by: attacker) }
      attacker.flush()
      // Those above the limit are refused at once, the others reset at the deadline.
      #expect(attacker.read { $0.ended.count >= 140 })
      #expect(!attacker.resets.values.contains(Self.cancel))
      #expect(attacker.read { $0.ended.union($0.resets.keys).count == 200 })
      #expect(attacker.dataBytes == 0)
    }
  }

  @Test func aStreamNobodyReadsEndsThoughItHasNoDeadline() async throws {
    let configure: @Sendable (inout RPCServerConfiguration) -> Void = {
      $0.maximumTimeout = .milliseconds(300)
      $0.keepaliveInterval = .milliseconds(50)
    }
    try await attack(configure, settings: RawFrame.setting(4, 0)) { attacker in
      attacker.add(RawFrame.request(stream: 1, path: "/ndx.test.v1.EchoService/Count"))
      for frame in RawFrame.message(Echo(typeURL: "9999999"), stream: 1) { attacker.add(frame) }
      attacker.flush()
      #expect(attacker.linger { $0.resets[1] == Self.cancel })
    }
  }

  @Test func aPeerThatReadsNothingIsNotListenedTo() async throws {
    let settings = RawFrame.setting(4, 0x7fff_ffff)
    try await attack({ $0.keepaliveInterval = .milliseconds(300) }, settings: settings) {
      attacker in
      attacker.write(RawFrame.windowUpdate(by: 0x7fff_0000))
      for stream in Self.streams(1000) {
        Self.echo(15_000, on: stream, by: attacker)
        attacker.flush()
      }
      #expect(attacker.end(within: 10_000) != nil)
    }
  }

  @Test func aConnectionWithoutCallsIsAskedToGo() async throws {
    let configure: @Sendable (inout RPCServerConfiguration) -> Void = {
      $0.maximumIdleTime = .milliseconds(200)
      $0.keepaliveInterval = .milliseconds(50)
    }
    try await attack(configure) { attacker in
      Self.echo(100, on: 1, by: attacker)
      attacker.flush()
      #expect(attacker.read { $0.ended == [1] })
      _ = attacker.linger()
      #expect(attacker.end(within: 1) == .goAway(code: 0))
    }
  }

  private static func streams(_ count: UInt32) -> StrideTo<UInt32> {
    stride(from: 1, to: 2 * count, by: 2)
  }

  private static func echo(_ count: Int, on stream: UInt32, by attacker: Attacker) {
    attacker.add(RawFrame.request(stream: stream))
    for frame in RawFrame.message(Echo(value: [UInt8](repeating: 1, count: count)), stream: stream)
    { attacker.add(frame) }
  }

  /// Runs an attack; health goes on meanwhile, and memory stays.
  private func attack(
    _ configure: @Sendable (inout RPCServerConfiguration) -> Void, settings: [UInt8]? = [],
    _ body: @escaping @Sendable (Attacker) throws -> Void
  ) async throws {
    try await withEcho(configure) { server, channel in
      let credentials = try server.authority.credentials(TestAuthority.clientID)
      let port = server.port
      let (_, findings) = try await HealthProbe(channel).during {
        try await onThread { try body(Attacker(port: port, credentials, settings: settings)) }
      }
      #expect(findings.failures == 0)
      #expect(findings.grownBytes < 32 << 20, "grown by \(findings.grownBytes) bytes")
    }
  }
}
