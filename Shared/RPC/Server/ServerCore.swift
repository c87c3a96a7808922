import Logging
import Model
import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
  let configuration: RPCServerConfiguration
  let tls: TLSContextStore
  let interceptors: InterceptorChain
  let errors: ErrorMapping
  let clock: WallClock
  let logger: Logger
  let connections: ConnectionRegistry
  let calls: CallLimiter
  private let methods: [String: RegisteredMethod]

  init(
    configuration: RPCServerConfiguration, tls: TLSContextStore, methods: [RegisteredMethod],
    interceptors: [any ServerInterceptor], clock: WallClock, logger: Logger
  ) {
    self.configuration = configuration
    self.tls = tls
    self.interceptors = InterceptorChain(interceptors)
    self.errors = ErrorMapping(logger: logger)
    self.clock = clock
    self.logger = logger
    self.connections = ConnectionRegistry(configuration)
    self.calls = CallLimiter(limit: configuration.maximumConcurrentCalls)
    self.methods = Dictionary(
      methods.map { ($0.descriptor.path, $0) }, uniquingKeysWith: { _, last in last })
  }

  func method(at path: String) -> RegisteredMethod? { methods[path] }
}

/// Counts running handlers, those included whose caller has gone.
final class CallLimiter: Sendable {
  private let limit: Int
  private let running = Atomic(0)

  init(limit: Int) { self.limit = limit }

  /// False when the limit is reached; otherwise `leave` must follow.
  func enter() -> Bool {
    if running.add(1, ordering: .relaxed).newValue <= limit { return true }
    leave()
    return false
  }

  func leave() { running.subtract(1, ordering: .relaxed) }
}
