package import Logging
package import Model
package import NIOCore
import NIOPosix
import Synchronization

/// A gRPC server on one address, over mutual TLS.
package final class RPCServer: Sendable {
  /// What `grpc.health.v1` answers; the empty name stands for the whole server.
  package let health: HealthRegistry

  private let core: ServerCore
  private let group: any EventLoopGroup
  private let listener = Mutex<(any Channel)?>(nil)

  /// - Parameters:
  ///   - methods: what the server answers, besides health and reflection, which are built in.
  ///   - interceptors: run around every call of `methods` and of the built-in services, in this order.
  ///   - clock: decides whether a peer's certificate has expired, at each call.
  package init(
    configuration: RPCServerConfiguration, tls: TLSContextStore, methods: [RegisteredMethod],
    interceptors: [any ServerInterceptor] = [], clock: WallClock = .system,
    logger: Logger,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    let services = Set(methods.map(\.descriptor.service)).union([HealthService.name])
    let health = HealthRegistry(services: services)
    let reflection = ReflectionService(services: services)
    self.health = health
    self.group = group
    core = ServerCore(
      configuration: configuration, tls: tls,
      methods: methods + HealthService(registry: health).methods + reflection.methods,
      interceptors: interceptors, clock: clock, logger: logger)
  }

  /// Binds and serves. Returns the port. Throws when the address cannot be bound or the credentials do not serve.
  package func start() async throws -> Int {
    let core = core
    _ = try core.tls.context(for: .server(core.configuration.clientCertificate))
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let handler = try ServerConnection(core: core, remoteAddress: channel.remoteAddress)
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
      .bind(host: core.configuration.host, port: core.configuration.port).get()
    listener.withLock { $0 = channel }
    return channel.localAddress?.port ?? core.configuration.port
  }

  /// Refuses new connections and calls, lets open calls finish for `grace`, then ends what is left with UNAVAILABLE.
  /// Returns when all connections are closed.
  package func shutdown(grace: Duration) async {
    health.end()
    let channel = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    try? await channel?.close()
    core.connections.drain()
    let abortion = group.any().scheduleTask(in: TimeAmount(grace)) { [core] in
      core.connections.abort()
    }
    await core.connections.untilEmpty()
    abortion.cancel()
  }
}
