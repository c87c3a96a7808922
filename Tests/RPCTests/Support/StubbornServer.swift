import Logging
import Model
import RPC
import Synchronization

/// A server whose handlers do not do what a caller hopes for.
struct StubbornServer {
  static let service = "ndx.test.v1.StubbornService"
  /// Reads no request and never answers.
  static let ignore = method("Ignore", .clientStreaming)
  static let ignoreAll = method("IgnoreAll", .bidirectional)
  /// Answers after the first request.
  static let first = method("First", .clientStreaming)
  /// Refuses after the first request.
  static let refuse = method("Refuse", .clientStreaming)
  /// Writes responses without end.
  static let flood = method("Flood", .bidirectional)

  /// Is overloaded at the first attempt.
  static let busy = method("Busy", .unary)
  static let busyMilliseconds: Int64 = 150

  let authority: TestAuthority
  let server: RPCServer
  let port: Int
  let log: EchoLog

  static func start() async throws -> StubbornServer {
    let authority = try TestAuthority()
    let log = EchoLog()
    let server = RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(authority.credentials(TestAuthority.serverID)),
      methods: methods(log), logger: Logger(label: "test"))
    return StubbornServer(
      authority: authority, server: server, port: try await server.start(), log: log)
  }

  func channel() throws -> RPCChannel { try authority.channel(to: ["127.0.0.1:\(port)"]) }

  func stop() async { await server.shutdown(grace: .zero) }

  private static func method(_ name: String, _ kind: MethodKind) -> MethodDescriptor {
    MethodDescriptor(service: service, name: name, kind: kind)
  }

  private static func methods(_ log: EchoLog) -> [RegisteredMethod] {
    [
      .clientStreaming(ignore) { (_: RequestStream<Echo>, _) -> Echo in
        try await hang(log)
        return Echo()
      },
      .bidirectional(ignoreAll) { (_: RequestStream<Echo>, _, _: ResponseWriter<Echo>) in
        try await hang(log)
      },
      .clientStreaming(first) { (requests: RequestStream<Echo>, _) -> Echo in
        for try await request in requests { return Echo(typeURL: request.typeURL) }
        return Echo()
      },
      .clientStreaming(refuse) { (requests: RequestStream<Echo>, _) -> Echo in
        for try await _ in requests { throw EchoError.refused("enough") }
        return Echo()
      },
      .unary(busy) { (request: Echo, _) -> Echo in
        guard log.attempts.add(1, ordering: .relaxed).oldValue == 0 else { return request }
        throw RPCStatus(
          code: .resourceExhausted, message: "busy",
          details: ErrorDetails(
            reason: "OVERLOADED", domain: "ndx", retryAfterMilliseconds: busyMilliseconds))
      },
      .bidirectional(flood) { (_: RequestStream<Echo>, _, writer: ResponseWriter<Echo>) in
        do {
          while true { try await writer.write(Echo(value: [UInt8](repeating: 1, count: 1000))) }
        } catch {
          log.cancelled.fire()
          throw error
        }
      },
    ]
  }

  private static func hang(_ log: EchoLog) async throws {
    log.started.fire()
    do {
      try await Task.sleep(for: .seconds(60))
    } catch {
      log.cancelled.fire()
      throw error
    }
  }
}
