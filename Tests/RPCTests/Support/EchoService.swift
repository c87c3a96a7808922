import Model
import RPC
import Synchronization

/// What tests call: `Any` carries text in `typeURL` and bytes in `value`.
typealias Echo = GoogleProtobuf.AnyMessage

/// What an echo service has seen, for tests to await.
final class EchoLog: Sendable {
  let written = Atomic(0)
  let attempts = Atomic(0)
  let cancelled = Signal()
  let started = Signal()
}

/// Happens once; any number of tasks may wait for it.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self) }
  func fire() { continuation.finish() }
  func wait() async { for await _ in stream {} }
}

enum EchoMethods {
  static let service = "ndx.test.v1.EchoService"
  static let echo = method("Echo", .unary, isIdempotent: true)
  static let hang = method("Hang", .unary)
  static let fail = method("Fail", .unary)
  static let context = method("Context", .unary)
  /// Sends the metadata back as header fields and as trailers; fails when asked to.
  static let reflect = method("Reflect", .unary)
  /// Answers uncompressed, whatever the caller would like.
  static let secret = method("Secret", .unary)
  static let count = method("Count", .serverStreaming)
  /// Fails twice with UNAVAILABLE before it answers.
  static let flaky = method("Flaky", .unary)
  static let collect = method("Collect", .clientStreaming)
  static let chat = method("Chat", .bidirectional)
  /// Takes none of its requests and does not answer.
  static let stall = method("Stall", .clientStreaming)

  private static func method(
    _ name: String, _ kind: MethodKind, isIdempotent: Bool = false
  ) -> MethodDescriptor {
    MethodDescriptor(service: service, name: name, kind: kind, isIdempotent: isIdempotent)
  }

  static func registered(_ log: EchoLog = EchoLog()) -> [RegisteredMethod] {
    [
      .unary(echo) { (request: Echo, _) in request },
      .unary(hang) { (request: Echo, _) in
        log.started.fire()
        do {
          try await Task.sleep(for: .seconds(60))
        } catch {
          log.cancelled.fire()
          throw error
        }
        return request
      },
      .unary(fail) { (request: Echo, _) -> Echo in
        throw request.typeURL == "internal" ? SecretError() : EchoError.refused(request.typeURL)
      },
      .unary(flaky) { (request: Echo, _) in
        guard log.attempts.add(1, ordering: .relaxed).newValue > 2 else {
          throw RPCStatus(code: .unavailable, message: "not yet")
        }
        return request
      },
      .unary(context) { (_: Echo, context) in Echo(typeURL: describe(context)) },
      .unary(reflect) { (request: Echo, context) in
        try context.addInitialMetadata(context.metadata)
        try context.addTrailingMetadata(context.metadata)
        if !request.typeURL.isEmpty { throw EchoError.refused(request.typeURL) }
        return Echo()
      },
      .unary(secret) { (request: Echo, context) in
        context.disableCompression()
        return request
      },
      .serverStreaming(count) { (request: Echo, _, writer: ResponseWriter<Echo>) in
        log.started.fire()
        do {
          for index in 0..<(Int(request.typeURL) ?? 0) {
            try await writer.write(Echo(typeURL: "\(index)", value: request.value))
            log.written.add(1, ordering: .relaxed)
          }
        } catch {
          log.cancelled.fire()
          throw error
        }
      },
      .clientStreaming(collect) { (requests: RequestStream<Echo>, _) in
        var text = ""
        for try await request in requests { text += request.typeURL }
        return Echo(typeURL: text)
      },
      .bidirectional(chat) { (requests: RequestStream<Echo>, _, writer: ResponseWriter<Echo>) in
        for try await request in requests { try await writer.write(request) }
      },
      .clientStreaming(stall) { (_: RequestStream<Echo>, _) -> Echo in
        log.started.fire()
        try await Task.sleep(for: .seconds(60))
        return Echo()
      },
    ]
  }

  private static func describe(_ context: CallContext) -> String {
    [
      context.peer.certificate?.spiffeID ?? "anonymous", context.language.rawValue,
      context.trace.traceID, context.metadata["x-test"] ?? "",
      context.deadline == nil ? "no deadline" : "deadline",
    ].joined(separator: " ")
  }
}

struct SecretError: Error, CustomStringConvertible {
  let description = "the password is swordfish"
}

enum EchoError: DomainError {
  case refused(String)
  static let domain = "ndx.test"
  var status: StatusCode { .failedPrecondition }
  var reason: String { "ECHO_REFUSED" }
  var text: Text { Text(vi: "Bị từ chối 100%.", en: "Refused 100%.") }
  var metadata: [String: String] {
    guard case .refused(let what) = self else { return [:] }
    return ["what": what]
  }
  var violations: [FieldViolation] {
    [FieldViolation(field: "type_url", rule: "known", text: text)]
  }
  var retryAfterMilliseconds: Int64? { 1500 }
}
