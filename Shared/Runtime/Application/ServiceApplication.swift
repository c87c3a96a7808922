import Crypto
package import Logging
package import Model
import RPC
import ServiceLifecycle
import Stubs
import UnixSignals

/// One running service: built from its definition and configuration, the same way by its executable
/// and by tests.
package struct ServiceApplication<Definition: ServiceDefinition>: Sendable {
  private let configuration: ServiceConfiguration
  private let clock: WallClock
  private let logger: Logger

  package init(configuration: ServiceConfiguration, clock: WallClock = .system, logger: Logger) {
    self.configuration = configuration
    self.clock = clock
    self.logger = logger
  }

  /// Runs until SIGTERM or SIGINT, or until the task is cancelled. In order: database, certificate,
  /// revocation feed, renewal, outbox relay and prover, the service's own work, listeners. They stop in reverse:
  /// not serving, open calls finish, own work ends, the outbox is flushed, the database closed.
  ///
  /// - Throws: `StartupError` when it cannot start or cannot go on.
  package func run(handlingSignals: Bool = true) async throws {
    let ready = ReadyFile(configuration)
    let database = try ServiceDatabase(
      at: configuration.path("\(Definition.name).sqlite"), service: Definition.name,
      migrations: Definition.migrations, logger: logger)
    // One that is left from before is stale, now that this process owns the database.
    ready.remove()
    let result = await Result<Void, any Error>.of {
      try await serve(database, ready, handlingSignals)
    }
    ready.remove()
    await database.close()
    try result.get()
    logger.notice("stopped")
  }

  private func serve(
    _ database: ServiceDatabase, _ ready: ReadyFile, _ handlingSignals: Bool
  ) async throws {
    let trust = TrustContext(
      configuration: configuration, database: database, clock: clock, logger: logger)
    let source = try await Definition.trust(trust)
    let credential = try await credential(from: source)
    let tls = try TLSContextStore(try credential.tls())
    let context = try ServiceContext(
      configuration: configuration, database: database,
      auditing: try await Definition.auditing(trust),
      revocations: RevocationView(isAuthoritative: source.isLocal, clock: clock),
      keys: KeySetView(), tls: tls, clock: clock, logger: logger)
    let parts = try await Definition.assemble(context)
    let metrics = CallMetrics(service: Definition.name)
    let outbox = OutboxStatus(attention: AttentionFile(configuration))
    var services = try background(context, source, credential, parts.auditInstance, outbox)
    services += try metricsServer(metrics, context, outbox)
    services += parts.services
    services.append(try server(parts, context, metrics, ready))
    let group = ServiceGroup(
      services: services, gracefulShutdownSignals: handlingSignals ? [.sigterm, .sigint] : [],
      logger: logger)
    let result = await Result<Void, any Error>.of { try await group.run() }
    await context.close()
    try result.get()
  }

  private func credential(from source: TrustSource) async throws -> Credential {
    switch source {
    case .identity, .participant:
      return try await Enroller(
        configuration: configuration, isParticipant: source.isParticipant, clock: clock,
        logger: logger
      ).credential()
    case .local(let trust):
      let credential = try await trust.certified(try P256PrivateKey.generate())
      // Kept for `healthcheck`, which is another process.
      try CredentialFiles(directory: configuration.dataDirectory).store(credential)
      return credential
    }
  }

  /// What keeps trust current, and sends events to audit.
  private func background(
    _ context: ServiceContext, _ source: TrustSource, _ credential: Credential,
    _ auditInstance: String, _ outbox: OutboxStatus
  ) throws(StartupError) -> [any Service] {
    var services: [any Service] = []
    let renew: CertificateRenewer.Renew
    switch source {
    case .identity, .participant:
      let identity = context.channel(to: "identity")
      renew = CertificateRenewer.identity(
        identity, lifetimeSeconds: try configuration.certificateSeconds())
      services.append(
        RevocationFeed(
          identity: identity, revocations: context.revocations, keys: context.keys, logger: logger))
    case .local(let trust): renew = { try await trust.certified($0) }
    }
    services.append(
      CertificateRenewer(
        first: credential, files: CredentialFiles(directory: configuration.dataDirectory),
        tls: context.tls, clock: clock, logger: logger, renew: renew))
    if case .outbox = context.transactor.auditing {
      services += try producing(context, auditInstance, outbox)
    }
    return services
  }

  /// What sends events to audit, and sees that they are there.
  private func producing(
    _ context: ServiceContext, _ instance: String, _ status: OutboxStatus
  ) throws(StartupError) -> [any Service] {
    let audit = LogServiceClient(context.channel(to: "audit"))
    return [
      OutboxRelay(
        database: context.database, service: Definition.name, instance: instance,
        status: status, logger: logger
      ) { try await audit.appendEntries($0) },
      OutboxProver(
        database: context.database, log: LogProofs(audit),
        key: try configuration.logVerifierKey(), keeping: Definition.keptEvents, status: status,
        evidence: EvidenceFolder(directory: configuration.dataDirectory, clock: clock),
        logger: logger),
    ]
  }

  private func metricsServer(
    _ metrics: CallMetrics, _ context: ServiceContext, _ outbox: OutboxStatus
  ) throws(StartupError) -> [any Service] {
    guard let text = configuration.string("metrics-listen") else { return [] }
    guard let address = HostPort(text) else {
      throw StartupError(.configuration, "metrics-listen must be HOST:PORT, not \(text)")
    }
    return [
      try MetricsServer(address: address) {
        let writes = context.database.statistics
        let handshakes = context.tls.handshakes
        let viewAge = context.revocations.asOf.map {
          Int((clock.now().microseconds - $0.microseconds) / 1_000_000)
        }
        let events = outbox.gauges(at: clock.now())
        return metrics.text(
          extra: events + [
            ("ndx_database_commits", writes.commits), ("ndx_database_requests", writes.requests),
            ("ndx_database_failed_commits", writes.failedCommits),
            ("ndx_database_queued_writes", context.database.queuedWrites),
            ("ndx_revocation_view_age_seconds", viewAge ?? -1),
            ("ndx_tls_full_handshakes", handshakes.full),
            ("ndx_tls_resumed_handshakes", handshakes.resumed),
            ("ndx_tls_failed_handshakes", handshakes.failed),
          ])
      }
    ]
  }

  private func server(
    _ parts: ServiceParts, _ context: ServiceContext, _ metrics: CallMetrics, _ ready: ReadyFile
  ) throws -> ServerService {
    let grace = try configuration.integer("shutdown-seconds", in: 0...3_600)
    let interceptors = try context.interceptors(metrics: metrics)
    func server(
      _ listen: HostPort, _ certificate: RPCServerConfiguration.ClientCertificate,
      _ methods: [RegisteredMethod]
    ) -> RPCServer {
      RPCServer(
        configuration: RPCServerConfiguration(
          host: listen.host, port: listen.port, clientCertificate: certificate),
        tls: context.tls, methods: methods, interceptors: interceptors, clock: clock,
        logger: logger)
    }
    return ServerService(
      name: Definition.name, main: server(configuration.listen, .required, parts.methods),
      listen: configuration.listen,
      enrolment: configuration.enrolmentListen.map { listen in
        (
          server(listen, .notRequested, parts.methods.filter { $0.descriptor.access.anonymous }),
          listen
        )
      },
      ready: ready, grace: .seconds(grace), revocations: context.revocations, logger: logger)
  }
}
