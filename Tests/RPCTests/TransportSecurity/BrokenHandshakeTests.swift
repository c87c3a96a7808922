import Foundation
import Logging
import Model
import Synchronization
import Testing

@testable import RPC

/// Handshakes that no honest client makes, or that break off. Each ends alone, without a word in the log that anybody
/// could fill it with.
@Suite struct BrokenHandshakeTests {
  enum Beginning: CaseIterable {
    case plainHTTP, plainHTTP2, secureSocketsLayer2, noise, alert, emptyRecords, endlessHello
    case recordThatIsTooLong, halfOfAHello, nothing

    /// What the client sends before it waits for the end, or leaves.
    func bytes(_ hello: [UInt8]) -> [UInt8] {
      var seeded = SplitMix64(seed: 3)
      return switch self {
      case .plainHTTP: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
      case .plainHTTP2: RawConnection.preface + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      case .secureSocketsLayer2:
        [0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10] + .init(repeating: 7, count: 37)
      case .noise: (0..<65_536).map { _ in .random(in: 0...255, using: &seeded) }
      case .alert: [21, 3, 1, 0, 2, 2, 40]
      case .emptyRecords: (0..<2000).flatMap { _ in [22, 3, 1, 0, 0] as [UInt8] }
      // A ClientHello of 16 MiB - 1 that begins; RFC 8446 has no limit, OpenSSL's is 128 KiB.
      case .endlessHello:
        [22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff, 3, 3] + .init(repeating: 0, count: 16_378)
      case .recordThatIsTooLong: [22, 3, 1, 0xff, 0xff] + .init(repeating: 1, count: 65_535)
      case .halfOfAHello: Array(hello.prefix(hello.count / 2))
      case .nothing: []
      }
    }

    /// Those after which the server can only wait.
    var isUnfinished: Bool { self == .halfOfAHello || self == .nothing }
  }

  private static func hello(_ server: TestServer) throws -> [UInt8] {
    let credentials = try server.authority.credentials(TestAuthority.clientID)
    let engine = try TLSEngine(TLSContext(credentials, side: .client))
    _ = engine.handshake()
    var bytes = [UInt8](repeating: 0, count: engine.outputBytes)
    _ = bytes.withUnsafeMutableBytes { engine.takeOutput(into: $0) }
    return bytes
  }

  @Test(arguments: Beginning.allCases)
  func whatIsNoHandshakeEndsItsConnectionOnly(beginning: Beginning) async throws {
    let log = LogRecord()
    let server = try await TestServer.start(logger: log.logger) {
      $0.handshakeTimeout = .milliseconds(beginning.isUnfinished ? 100 : 5000)
    }
    let broken = try PlainConnection(port: server.port)
    broken.send(beginning.bytes(try Self.hello(server)))
    #expect(broken.readToEnd())
    let channel = try server.channel()
    _ = try await channel.echo(EchoMethods.echo, Echo())
    await channel.close()
    await server.stop()
    #expect(server.tls.handshakes == TLSHandshakeCounts(full: 1, failed: 1))
    #expect(log.lines == [])
  }

  @Test func aHandshakeInSingleBytesIsAsGoodAsAnyOther() async throws {
    try await withEcho { server, _ in
      let credentials = try server.authority.credentials(TestAuthority.clientID)
      let engine = try TLSEngine(TLSContext(credentials, side: .client))
      let socket = try PlainConnection(port: server.port)
      func flush() {
        var bytes = [UInt8](repeating: 0, count: engine.outputBytes)
        _ = bytes.withUnsafeMutableBytes { engine.takeOutput(into: $0) }
        for byte in bytes { socket.send([byte]) }
      }
      while true {
        let progress = engine.handshake()
        flush()
        if case .finished = progress { break }
        guard let bytes = socket.read() else { break }
        for byte in bytes { withUnsafeBytes(of: byte) { engine.receive($0) } }
      }
      #expect(engine.hasNegotiatedHTTP2)
      // The server's first words are its settings.
      var count = 0
      while count == 0, let bytes = socket.read() {
        bytes.withUnsafeBytes { engine.receive($0) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        if case .bytes(let some) = buffer.withUnsafeMutableBytes({ engine.read(into: $0) }) {
          count = some
        }
      }
      #expect(count > 0)
    }
  }

  @Test func aHandshakeThatDripsIsCutAtItsTime() async throws {
    let server = try await TestServer.start { $0.handshakeTimeout = .milliseconds(200) }
    let slow = try PlainConnection(port: server.port)
    let start = ContinuousClock.now
    for byte in try Self.hello(server) where start.duration(to: .now) < .milliseconds(400) {
      slow.send([byte])
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(slow.readToEnd())
    #expect(start.duration(to: .now) < .seconds(2))
    await server.stop()
  }

  /// Of connections that break off at any point nothing stays behind.
  @Test func memoryStaysFlatOverHundredsOfBrokenHandshakes() async throws {
    let server = try await TestServer.start()
    let stranger = try TestAuthority().credentials(
      TestAuthority.clientID, trusting: server.authority)
    let hello = try Self.hello(server)
    func breakOff(_ rounds: Int) throws {
      for round in 0..<rounds {
        switch round % 4 {
        case 0: _ = try HandshakePeer(server, stranger).end()
        case 1: try PlainConnection(port: server.port).send(Beginning.plainHTTP.bytes(hello))
        case 2: try PlainConnection(port: server.port).send(hello)
        default: try PlainConnection(port: server.port).send(Array(hello.prefix(round % 300)))
        }
      }
    }
    try breakOff(150)
    let before = Self.residentBytes()
    try breakOff(600)
    let channel = try server.channel()
    _ = try await channel.echo(EchoMethods.echo, Echo())
    #expect(Self.residentBytes() - before < 8 << 20)
    await channel.close()
    await server.stop()
    #expect(server.tls.handshakes == TLSHandshakeCounts(full: 1, failed: 750))
  }

  private static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * Int(getpagesize())
  }
}

/// What is logged from `info` up.
private final class LogRecord: Sendable {
  private let state = Mutex<[String]>([])
  var lines: [String] { state.withLock { $0 } }
  var logger: Logger { Logger(label: "test") { _ in Handler(record: self) } }

  private struct Handler: LogHandler {
    let record: LogRecord
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      record.state.withLock { $0.append("\(event.message)") }
    }
  }
}
