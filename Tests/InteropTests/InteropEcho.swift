import Logging
import Model
import RPC

typealias Echo = GoogleProtobuf.AnyMessage

/// The echo service that other people's clients call: one method of each kind, and failures.
enum InteropEcho {
  static let service = "ndx.test.v1.EchoService"

  static func method(
    _ name: String, _ kind: MethodKind = .unary, isIdempotent: Bool = false
  ) -> MethodDescriptor {
    MethodDescriptor(service: service, name: name, kind: kind, isIdempotent: isIdempotent)
  }

  static let methods: [RegisteredMethod] = [
    .unary(method("Echo")) { (request: Echo, _) in request },
    .unary(method("Hang")) { (request: Echo, _) in
      try await Task.sleep(for: .seconds(60))
      return request
    },
    .unary(method("Fail")) { (request: Echo, _) -> Echo in throw Refusal(what: request.typeURL) },
    .unary(method("Context")) { (_: Echo, context) in
      Echo(
        typeURL: [
          context.peer.certificate?.spiffeID ?? "anonymous", context.language.rawValue,
          context.trace.traceID, context.metadata["x-test"] ?? "",
        ].joined(separator: " "))
    },
    .serverStreaming(method("Count", .serverStreaming)) {
      (request: Echo, _, writer: ResponseWriter<Echo>) in
      for index in 0..<(Int(request.typeURL) ?? 0) {
        try await writer.write(Echo(typeURL: "\(index)", value: request.value))
      }
    },
    .clientStreaming(method("Collect", .clientStreaming)) { (requests: RequestStream<Echo>, _) in
      var text = ""
      for try await request in requests { text += request.typeURL }
      return Echo(typeURL: text)
    },
    .bidirectional(method("Chat", .bidirectional)) {
      (requests: RequestStream<Echo>, _, writer: ResponseWriter<Echo>) in
      for try await request in requests { try await writer.write(request) }
    },
  ]

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
