package import Crypto
package import Logging
package import Model
package import RPC

/// What a service has before it has a certificate.
package struct TrustContext: Sendable {
  package let configuration: ServiceConfiguration
  package let database: ServiceDatabase
  package let clock: WallClock
  package let logger: Logger

  package init(
    configuration: ServiceConfiguration, database: ServiceDatabase, clock: WallClock,
    logger: Logger
  ) {
    self.configuration = configuration
    self.database = database
    self.clock = clock
    self.logger = logger
  }
}

/// Where a service's certificate, the keys it believes and the revocations it honours come from.
package enum TrustSource: Sendable {
  /// From identity: enrolment token, renewal, revocation feed, published keys.
  case identity
  /// As `identity`, but for a system of a participant, such as a provider's connector: the
  /// enrolment token says which.
  case participant
  /// From the service itself. It feeds `ServiceContext.revocations` and `.keys` directly.
  case local(LocalTrust)

  var isLocal: Bool {
    if case .local = self { return true }
    return false
  }

  var isParticipant: Bool {
    if case .participant = self { return true }
    return false
  }
}

/// How the certificate authority certifies itself as a service.
package struct LocalTrust: Sendable {
  /// Issues the certificate of `spiffe://<trust-domain>/service/<name>` for a key; leaf first.
  package let issue: @Sendable (PublicKey) async throws -> [Certificate]
  /// The roots to trust.
  package let anchors: [Certificate]

  package init(
    anchors: [Certificate], issue: @escaping @Sendable (PublicKey) async throws -> [Certificate]
  ) {
    self.anchors = anchors
    self.issue = issue
  }

  func certified(_ key: P256PrivateKey) async throws -> Credential {
    try Credential(key: key, chain: try await issue(PublicKey(key.publicKey)), anchors: anchors)
  }
}

/// Everything a service is wired from.
package struct ServiceContext: Sendable {
  package let configuration: ServiceConfiguration
  package let database: ServiceDatabase
  package let transactor: Transactor
  /// Who is refused at once. Long streams ask it between messages.
  package let revocations: RevocationView
  /// The keys that verify access tokens, and grants.
  package let keys: KeySetView
  /// The service's certificate and trust, renewed in place.
  package let tls: TLSContextStore
  package let clock: WallClock
  package let logger: Logger
  let channels: ChannelPool

  /// Throws when the address of a service is missing or malformed.
  package init(
    configuration: ServiceConfiguration, database: ServiceDatabase, auditing: Auditing,
    revocations: RevocationView, keys: KeySetView, tls: TLSContextStore, clock: WallClock,
    logger: Logger
  ) throws(StartupError) {
    self.configuration = configuration
    self.database = database
    transactor = Transactor(database: database, auditing: auditing, clock: clock)
    self.revocations = revocations
    self.keys = keys
    self.tls = tls
    self.clock = clock
    self.logger = logger
    channels = try ChannelPool(configuration: configuration, tls: tls, logger: logger)
  }

  /// A channel to another service ("catalog") at its configured address, which only that service's
  /// certificate can answer: identity, catalog, settlement or audit. One per service; closed when the
  /// process stops.
  package func channel(to service: String) -> RPCChannel { channels.channel(to: service) }

  /// What stands before every handler of the service, in order: measurement, then authentication.
  package func interceptors(
    metrics: CallMetrics
  ) throws(StartupError) -> [any ServerInterceptor] {
    let slow = try configuration.integer("slow-call-milliseconds", in: 1...3_600_000)
    return [
      metrics, CallLog(logger: logger, slow: .milliseconds(slow)),
      Authenticator(
        service: configuration.service, trustDomain: configuration.trustDomain,
        revocations: revocations, keys: keys, clock: clock),
    ]
  }

  /// Ends the channels to other services.
  package func close() async { await channels.close() }
}
