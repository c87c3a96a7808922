import Model
import RPC

/// The service that is measured: `google.protobuf.Any` in and out, because every peer has that message.
enum EchoService {
  typealias Message = GoogleProtobuf.AnyMessage
  static let name = "ndx.benchmark.v1.EchoService"

  static let methods: [RegisteredMethod] = [
    .unary(method("Echo", .unary)) { (request: Message, _) in request },
    // `type_url` holds how many copies of the request to send.
    .serverStreaming(method("Repeat", .serverStreaming)) {
      (request: Message, _, writer: ResponseWriter<Message>) in
      for _ in 0..<(Int(request.typeURL) ?? 0) { try await writer.write(request) }
    },
    .bidirectional(method("Chat", .bidirectional)) {
      (requests: RequestStream<Message>, _, writer: ResponseWriter<Message>) in
      for try await request in requests { try await writer.write(request) }
    },
  ]

  private static func method(_ name: String, _ kind: MethodKind) -> MethodDescriptor {
    MethodDescriptor(service: Self.name, name: name, kind: kind)
  }
}
