import Logging
import Model

/// What all connections of a server share.
final class ServerCore: Sendable {
  let configuration: RPCServerConfiguration
  let tls: TLSContextStore
  let interceptors: InterceptorChain
  let errors: ErrorMapping
  let clock: WallClock
  let logger: Logger
  let connections: ConnectionRegistry
  let peers: PeerRegistry
  let memory: MessageMemory
  let methods: MethodTable

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
    self.peers = PeerRegistry(configuration)
    self.memory = MessageMemory(limit: configuration.maximumHeldBytesInTotal)
    self.methods = MethodTable(Self.limited(methods, to: configuration.maximumConcurrentCalls))
  }

  /// Each service has a limit of its own, so that health answers while another service is full.
  private static func limited(_ methods: [RegisteredMethod], to limit: Int) -> [RegisteredMethod] {
    var limiters: [String: CallLimiter] = [:]
    return methods.map { method in
      let limiter = limiters[method.descriptor.service] ?? CallLimiter(limit: limit)
      limiters[method.descriptor.service] = limiter
      return method.limited(by: limiter)
    }
  }
}
