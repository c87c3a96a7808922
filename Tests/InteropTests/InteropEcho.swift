import Logging
import Model
import RPC

typealias Echo = GoogleProtobuf.AnyMessage

/// The echo service that other people's clients call: one method of each kind, and ways to fail.
struct InteropEcho {
  static let service = "ndx.test.v1.EchoService"

  static func method(
    _ name: String, _ kind: MethodKind = .unary, isIdempotent: Bool = false
  ) -> MethodDescriptor {
    MethodDescriptor(service: service, name: name, kind: kind, isIdempotent: isIdempotent)
  }

  private let cancellations = Cancellations()

  var methods: [RegisteredMethod] { echoes + streams + failures }

  private var echoes: [RegisteredMethod] {
    [
      .unary(Self.method("Echo")) { (request: Echo, _) in request },
      .unary(Self.method("Inflate")) { (request: Echo, _) in
        Echo(value: [UInt8](repeating: 0x61, count: Int(request.typeURL) ?? 0))
      },
      .unary(Self.method("Context")) { (_: Echo, context) in
        Echo(
          typeURL: [
            context.peer.certificate?.spiffeID ?? "anonymous", context.language.rawValue,
            context.trace.traceID, context.metadata["x-test"] ?? "",
          ].joined(separator: " "))
      },
      .unary(Self.method("Mirror")) { (_: Echo, context) in
        var initial = Metadata()
        for value in context.metadata.all("x-text") { initial.add("x-text", value) }
        try context.addInitialMetadata(initial)
        var trailing = Metadata()
        for bytes in context.metadata.binary("x-data-bin") {
          trailing.add("x-data-bin", bytes: bytes ?? [])
        }
        try context.addTrailingMetadata(trailing)
        return Echo()
      },
      .unary(Self.method("Address")) { (_: Echo, context) in Echo(typeURL: context.peer.address) },
      .unary(Self.method("Remaining")) { (_: Echo, context) in
        let remaining = context.deadline.map { ContinuousClock.now.duration(to: $0) }
        return Echo(typeURL: "\(remaining.map { $0 / .milliseconds(1) } ?? -1)")
      },
    ]
  }

  private var streams: [RegisteredMethod] {
    [
      .serverStreaming(Self.method("Count", .serverStreaming)) {
        [cancellations] (request: Echo, _, writer: ResponseWriter<Echo>) in
        try await cancellations.watching {
          for index in 0..<(Int(request.typeURL) ?? 0) {
            try await writer.write(Echo(typeURL: "\(index)", value: request.value))
          }
        }
      },
      .clientStreaming(Self.method("Collect", .clientStreaming)) {
        [cancellations] (requests: RequestStream<Echo>, _) in
        try await cancellations.watching {
          var text = ""
          for try await request in requests { text += request.typeURL }
          return Echo(typeURL: text)
        }
      },
      .bidirectional(Self.method("Chat", .bidirectional)) {
        [cancellations] (requests: RequestStream<Echo>, _, writer: ResponseWriter<Echo>) in
        try await cancellations.watching {
          for try await request in requests { try await writer.write(request) }
        }
      },
    ]
  }

  private var failures: [RegisteredMethod] {
    [
      .unary(Self.method("Hang")) { [cancellations] (request: Echo, _) in
        try await cancellations.watching {
          try await Task.sleep(for: .seconds(60))
          return request
        }
      },
      .unary(Self.method("Cancelled")) { [cancellations] (request: Echo, _) in
        await cancellations.wait(for: Int(request.typeURL) ?? 0)
        return request
      },
      .unary(Self.method("Fail")) { (request: Echo, _) -> Echo in
        throw Refusal(what: request.typeURL)
      },
      .serverStreaming(Self.method("FailLate", .serverStreaming)) {
        (request: Echo, _, writer: ResponseWriter<Echo>) in
        try await writer.write(request)
        throw Refusal(what: request.typeURL)
      },
    ]
  }

  /// Counts the handlers that were cancelled, so that a client can ask whether its cancellation arrived.
  struct Cancellations: Sendable {
    private let stream = AsyncStream<Void>.makeStream()

    func watching<R>(_ body: () async throws -> R) async throws -> R {
      defer { if Task.isCancelled { stream.continuation.yield() } }
      return try await body()
    }

    /// Takes the next `count` of them, waiting until they have come.
    func wait(for count: Int) async {
      guard count > 0 else { return }
      var missing = count
      for await _ in stream.stream {
        missing -= 1
        if missing == 0 { return }
      }
    }
  }

  struct Refusal: DomainError {
    let what: String
    static let domain = "ndx.test"
    var status: StatusCode { .failedPrecondition }
    var reason: String { "REFUSED" }
    var text: Text { Text(vi: "Bị từ chối: \(what)", en: "Refused: \(what) 100%") }
    var metadata: [String: String] { ["what": what] }
    var violations: [FieldViolation] {
      [FieldViolation(field: "type_url", rule: "known", text: text)]
    }
    var retryAfterMilliseconds: Int64? { 1500 }
  }
}
