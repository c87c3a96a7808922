package import Logging
import Model

/// A gRPC server on one address.
package final class RPCServer: Sendable {
  /// What `grpc.health.v1` answers; the empty name stands for the whole server.
  package let health: HealthRegistry

  package init(
    configuration: RPCServerConfiguration, tls: TLSContextStore, methods: [RegisteredMethod],
    interceptors: [any ServerInterceptor] = [], logger: Logger
  ) {
    health = HealthRegistry(services: Set(methods.map(\.descriptor.service)))
  }

  /// Binds and serves. Returns the port. Throws when the address cannot be bound.
  package func start() async throws -> Int {
    throw RPCStatus(code: .unimplemented, message: "not yet")
  }

  /// Refuses new calls, lets open ones finish for `grace`, then cancels what is left. Returns when all connections are closed.
  package func shutdown(grace: Duration) async {}
}
