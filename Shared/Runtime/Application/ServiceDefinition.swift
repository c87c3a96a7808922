package import ArgumentParser
package import RPC
package import ServiceLifecycle

/// What makes one service different from the others. `ServiceMain` does everything else, and tests
/// build the same definition on a real server with `TestSupport`.
package protocol ServiceDefinition: Sendable {
  /// The name in certificates, configuration and the audit log: "settlement".
  static var name: String { get }
  /// One sentence for `--help`.
  static var summary: String { get }
  /// HOST:PORT it serves on unless configured otherwise.
  static var defaultListen: String { get }
  /// HOST:PORT of a second listener for callers without a certificate, which serves the methods
  /// that are open to them; identity alone has one.
  static var defaultEnrolmentListen: String? { get }
  /// All steps of the schema, from the first. Begins with `.idempotency` (and `.outbox`, with `.outboxProof` later).
  static var migrations: [Migration] { get }
  /// Kinds of its audit events that it still reads in the outbox once they are proven.
  static var keptEvents: Set<String> { get }
  /// Settings of its own, beside those that all services have.
  static var settings: [Setting] { get }
  /// Commands of its own, beside `serve`, `healthcheck`, `backup` and `restore`.
  static var subcommands: [any ParsableCommand.Type] { get }

  /// Where the service's own certificate comes from. Called once the database is migrated.
  static func trust(_ context: TrustContext) async throws -> TrustSource
  /// Where audit events go.
  static func auditing(_ context: TrustContext) async throws -> Auditing
  /// Makes the handlers and the background work. Called once, before the server starts.
  static func assemble(_ context: ServiceContext) async throws -> ServiceParts
}

extension ServiceDefinition {
  package static var defaultEnrolmentListen: String? { nil }
  package static var keptEvents: Set<String> { [] }
  package static var settings: [Setting] { [] }
  package static var subcommands: [any ParsableCommand.Type] { [] }
  package static func trust(_ context: TrustContext) async throws -> TrustSource { .identity }
  package static func auditing(_ context: TrustContext) async throws -> Auditing { .outbox }
}

/// What a service consists of once its parts are wired together.
package struct ServiceParts: Sendable {
  /// Everything it answers: the `methods` of its handlers.
  package var methods: [RegisteredMethod]
  /// Work beside answering calls (expiry, signing, …): started before the server and stopped after
  /// it has drained, in reverse order. Each ends when its task is shut down gracefully.
  package var services: [any Service]
  /// The name by which the audit log tells this instance from others of the service; empty for the only one. It stays
  /// with the database, whose events have one sequence.
  package var auditInstance: String

  package init(
    methods: [RegisteredMethod], services: [any Service] = [], auditInstance: String = ""
  ) {
    self.methods = methods
    self.services = services
    self.auditInstance = auditInstance
  }
}
