import Codec
import Logging
import Model
import Synchronization

@testable import Crypto
@testable import RPC

/// What the fuzzed server offers: a handler of each kind, health and reflection, under small limits.
enum FuzzedService {
  typealias Message = GoogleProtobuf.AnyMessage

  private static let running = Atomic(0)
  fileprivate static let open = Atomic(0)
  fileprivate static let answers = Mutex<Set<String>>([])
  static var runningHandlers: Int { running.load(ordering: .relaxed) }
  static var openCalls: Int { open.load(ordering: .relaxed) }

  /// Paths of the methods that have answered a call with OK.
  static var answered: Set<String> { answers.withLock { $0 } }

  private static let name = "fuzz.Service"
  private static let kinds: [(String, MethodKind)] = [
    ("Echo", .unary), ("Fail", .unary), ("Repeat", .serverStreaming), ("Count", .clientStreaming),
    ("Chat", .bidirectional),
  ]
  /// Paths of all methods, and one that is none.
  static let paths = methods.map(\.descriptor.path) + ["/fuzz.Service/None"]

  /// A message with a gRPC prefix.
  static func message(_ value: [UInt8], isCompressed: Bool) -> [UInt8] {
    let framed = MessageFrame.framed(Message(value: value))
    return isCompressed ? MessageFrame.compressed(framed) : framed
  }

  static let core: Result<ServerCore, any Error> = Result {
    var configuration = RPCServerConfiguration(clientCertificate: .notRequested)
    configuration.maximumMessageBytes = 4096
    configuration.maximumHeaderListBytes = 2048
    configuration.maximumConcurrentStreams = 16
    configuration.maximumHeldBytes = 32 << 10
    // One at a time: a connection that is not let go refuses the next.
    configuration.maximumConnections = 1
    configuration.outboundBufferBytes = 1024
    return ServerCore(
      configuration: configuration, tls: try TLSContextStore(credentials()), methods: methods,
      interceptors: [CallCount()], clock: .system,
      logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
  }

  private static let methods: [RegisteredMethod] = {
    func method(_ index: Int) -> MethodDescriptor {
      MethodDescriptor(service: name, name: kinds[index].0, kind: kinds[index].1)
    }
    let health = HealthService(registry: HealthRegistry(services: [name]))
    let own: [RegisteredMethod] = [
      .unary(method(0)) { (request: Message, _) in request },
      .unary(method(1)) { (_: Message, _) -> Message in throw CallRefusal.overloaded },
      .serverStreaming(method(2)) { (request: Message, _, writer: ResponseWriter<Message>) in
        running.add(1, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        for _ in 0..<Int(request.value.first ?? 0) & 63 { try await writer.write(request) }
      },
      .clientStreaming(method(3)) { (requests: RequestStream<Message>, _) in
        running.add(1, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        var count = 0
        for try await _ in requests { count += 1 }
        return Message(value: [UInt8(truncatingIfNeeded: count)])
      },
      .bidirectional(method(4)) { (requests: RequestStream<Message>, _, writer) in
        running.add(1, ordering: .relaxed)
        defer { running.subtract(1, ordering: .relaxed) }
        for try await request in requests { try await writer.write(request) }
      },
    ]
    return own + health.methods + ReflectionService(services: [name]).methods
  }()

  private static func credentials() throws -> TLSCredentials {
    let now = WallClock.system.now()
    let root = try CertificateAuthority.makeRoot(
      name: "fuzz", notBefore: now.adding(seconds: -3600), notAfter: now.adding(seconds: 86_400))
    let key = try P256PrivateKey.generate()
    let leaf = try root.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: "spiffe://fuzz/service/fuzzed",
      notBefore: now.adding(seconds: -3600), notAfter: now.adding(seconds: 86_400))
    return TLSCredentials(
      certificateChainPEM: leaf.pem, privateKeyPEM: try key.pem(),
      trustAnchorsPEM: root.certificate.pem)
  }
}

/// Counts calls between their first step and their last.
private struct CallCount: ServerInterceptor {
  func before(_ context: inout CallContext) throws {
    FuzzedService.open.add(1, ordering: .relaxed)
  }

  func after(_ context: CallContext, status: StatusCode, duration: Duration) {
    FuzzedService.open.subtract(1, ordering: .relaxed)
    if status == .ok { _ = FuzzedService.answers.withLock { $0.insert(context.method.path) } }
  }
}
