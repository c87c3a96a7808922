import Logging
package import Model
package import RPC
package import ServiceRuntime

/// One service on a real server with real TLS, certificates and tokens, in this process: its own
/// definition, a database in a temporary folder, trust from a test authority. Its view of
/// revocations is the test's to feed (`context.revocations.apply`).
///
/// Background services of the definition are not run; a test runs those it needs.
package final class TestService<Definition: ServiceDefinition>: Sendable {
  package let authority: TestAuthority
  package let context: ServiceContext
  package let parts: ServiceParts
  package let address: HostPort
  private let server: RPCServer
  private let directory: TemporaryDirectory

  /// Starts serving on a free port.
  /// - Parameters:
  ///   - settings: configuration on top of the test's own, such as `catalog-address`.
  ///   - directory: where its database is; a folder of its own unless given. One that was used before goes on from there.
  ///   - isolatedRevocations: true when the view shall go stale unless the test feeds it.
  package init(
    _ definition: Definition.Type = Definition.self, authority: TestAuthority? = nil,
    clock: WallClock = .system, settings: [String: String] = [:],
    directory: TemporaryDirectory? = nil, isolatedRevocations: Bool = false
  ) async throws {
    let authority = try authority ?? TestAuthority()
    let directory = try directory ?? TemporaryDirectory()
    let logger = Logger(label: definition.name) { JSONLogHandler(label: $0, level: .error) }
    let configuration = try await ServiceConfiguration.test(
      definition, directory: directory, trustDomain: authority.trustDomain, settings: settings)
    let database = try ServiceDatabase(
      at: configuration.path("\(definition.name).sqlite"), service: definition.name,
      migrations: definition.migrations, logger: logger)
    let trust = TrustContext(
      configuration: configuration, database: database, clock: clock, logger: logger)
    let credential = try authority.credential(for: .service(definition.name))
    let context = try ServiceContext(
      configuration: configuration, database: database,
      auditing: try await definition.auditing(trust),
      revocations: RevocationView(isAuthoritative: !isolatedRevocations, clock: clock),
      keys: KeySetView(authority.keys), tls: try TLSContextStore(try credential.tls()),
      clock: clock, logger: logger)
    let parts: ServiceParts
    do {
      parts = try await definition.assemble(context)
    } catch {
      await context.close()
      await database.close()
      throw error
    }
    let server = RPCServer(
      configuration: RPCServerConfiguration(host: "127.0.0.1", port: 0), tls: context.tls,
      methods: parts.methods,
      interceptors: try context.interceptors(metrics: CallMetrics(service: definition.name)),
      clock: clock, logger: logger)
    self.authority = authority
    self.context = context
    self.parts = parts
    self.server = server
    self.directory = directory
    address = HostPort(host: "127.0.0.1", port: try await server.start())
    server.health.setAll(isServing: true)
  }

  package var database: ServiceDatabase { context.database }

  /// A channel as a participant's system, with a token for each call.
  package func channel(as caller: TestCaller) throws -> RPCChannel {
    try channel(
      caller.credential,
      TestTokens(
        authority: authority, caller: caller, audience: Definition.name, clock: context.clock))
  }

  /// A channel as a participant with these roles, made for the occasion.
  package func channel(roles: Set<TypeV1.Role>) throws -> RPCChannel {
    try channel(as: authority.caller(roles))
  }

  /// A channel as another service.
  package func channel(asService name: String) throws -> RPCChannel {
    try channel(try authority.credential(for: .service(name)), nil)
  }

  /// A channel with exactly these credentials and, unless given, no token.
  package func channel(
    _ credential: Credential, _ tokens: (any CallCredentials)? = nil
  ) throws -> RPCChannel {
    RPCChannel(
      target: address.description, tls: try TLSContextStore(try credential.tls()),
      expecting: .service(Definition.name, trustDomain: authority.trustDomain),
      credentials: tokens)
  }

  /// Stops the server and closes the database.
  package func shutdown() async {
    await server.shutdown(grace: .seconds(1))
    await context.close()
    await context.database.close()
  }
}
