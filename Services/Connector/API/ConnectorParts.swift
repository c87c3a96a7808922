import ConnectorDomain
import ConnectorStore
import Crypto
import GRDB
import Logging
package import Model
import RPC
package import ServiceRuntime
import Stubs

/// What a connector asks of the exchange.
package struct ExchangeCalls: Sendable {
  package typealias Watch =
    @Sendable (
      _ instance: String, _ after: Int64,
      _ take: @escaping @Sendable (SettlementV1.WatchOrdersResponse) async throws -> Void
    ) async throws -> Void

  /// Settlement's ReportUsage, at one of its instances.
  package typealias Report =
    @Sendable (
      _ instance: String, SettlementV1.ReportUsageRequest
    ) async throws -> SettlementV1.ReportUsageResponse

  /// Catalog's GetRevision.
  package let revision: @Sendable (RevisionID) async throws -> CatalogV1.Revision
  /// Settlement's GetGrantKeys: a JSON Web Key Set.
  package let grantKeys: @Sendable () async throws -> String
  /// The names of settlement's instances as the routing table has them now; one without a name when it owns everything.
  package let instances: @Sendable () async throws -> [String]
  /// WatchOrders of one of them after a cursor, a step at a time, until it ends.
  package let watch: Watch
  /// Settlement's ConfirmDelivery.
  package let confirm: @Sendable (SettlementV1.ConfirmDeliveryRequest) async throws -> Void
  package let report: Report

  package init(
    revision: @escaping @Sendable (RevisionID) async throws -> CatalogV1.Revision,
    grantKeys: @escaping @Sendable () async throws -> String,
    instances: @escaping @Sendable () async throws -> [String], watch: @escaping Watch,
    confirm: @escaping @Sendable (SettlementV1.ConfirmDeliveryRequest) async throws -> Void,
    report: @escaping Report
  ) {
    self.revision = revision
    self.grantKeys = grantKeys
    self.instances = instances
    self.watch = watch
    self.confirm = confirm
    self.report = report
  }
}

/// A connector wired together, over the real exchange or over a test's.
package struct ConnectorParts: Sendable {
  /// The connector's key, certificate and roots as they are now; certificates are renewed hourly.
  package typealias CredentialSource = @Sendable () throws -> Credential

  private let context: ServiceContext
  private let keys: GrantKeys
  private let relay: ReceiptRelay
  private let usage: UsageRelay
  private let agreements: LiveAgreements
  private let exchange: ExchangeCalls
  private let handler: DeliveryHandler

  /// Throws when the certificate is not a participant's.
  package init(
    _ context: ServiceContext, data: String, credential: @escaping CredentialSource,
    exchange: ExchangeCalls
  ) async throws {
    guard let id = try credential().leaf.spiffeID.flatMap({ SPIFFEID($0) }),
      case .participant(let provider, _) = id.name
    else { throw StartupError(.badData, "the certificate is not one of a participant") }
    self.context = context
    keys = GrantKeys(database: context.database, clock: context.clock, fetch: exchange.grantKeys)
    relay = ReceiptRelay(
      database: context.database, clock: context.clock, logger: context.logger,
      confirm: exchange.confirm)
    usage = UsageRelay(
      database: context.database, clock: context.clock, logger: context.logger,
      report: exchange.report)
    agreements = LiveAgreements(database: context.database)
    self.exchange = exchange
    handler = DeliveryHandler(
      grants: GrantVerifier(provider: provider, keys: keys, clock: context.clock),
      manifests: Manifests(
        database: context.database, clock: context.clock, fetch: exchange.revision),
      folder: ContentFolder(path: data), database: context.database,
      revocations: context.revocations, trustDomain: context.configuration.trustDomain,
      credential: credential, relay: relay, agreements: agreements, clock: context.clock)
  }

  /// Recovers what an earlier process left and gives the parts to serve.
  package func assembled() async throws -> ServiceParts {
    let now = context.clock.now()
    let broken = try await context.database.write { db in
      try UsageTable(db).recover(at: now)
      return try ServedTable(db).recover(at: now)
    }
    if broken > 0 {
      context.logger.notice("took over broken streams", metadata: ["count": "\(broken)"])
    }
    try await keys.load()
    try await agreements.load()
    return ServiceParts(
      methods: handler.methods,
      services: [
        GrantKeyRefresh(keys: keys, logger: context.logger),
        AgreementFeeds(agreements: agreements, exchange: exchange, logger: context.logger), usage,
        relay,
      ])
  }
}
