import Model
import ServiceLifecycle
package import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// The ledger of the exchange and the trades that move money on it.
package enum SettlementService: ServiceDefinition {
  package static let name = "settlement"
  package static let summary =
    "A double-entry ledger, and the trades that move money on it."
  package static let defaultListen = "127.0.0.1:7403"
  package static let migrations = SettlementSchema.migrations
  package static let keptEvents = PaymentEvents.kinds
  package static let settings = SettlementSettings.all

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let settings = try SettlementSettings(context.configuration)
    let transactor = context.transactor
    let partitions = Partitions(
      own: settings.partition, routing: settings.partition.map { RoutingSource(context, own: $0) })
    let witness = try PayoutWitness(context)
    let ledger = Ledger(context.database, partitions, payoutLimits: witness?.limits ?? .none)
    context.database.add(LedgerJournal(ledger: ledger, transactor: transactor))
    let changes = OrderChanges()
    context.database.add(changes)
    let auditInstance = try await PartitionStamp.adopt(partitions.own, transactor)
    try await ExchangeAccounts.open(transactor, in: partitions)
    let deadlines = DeadlineKeeper(
      transactor: transactor, ledger: ledger, deadlines: settings.deadlines, witness: witness,
      logger: context.logger)
    let directory = TradeDirectory(context)
    let renewals = RenewalKeeper(
      transactor: transactor, ledger: ledger, directory: directory,
      schedule: settings.deadlines.renewal, witness: witness, logger: context.logger)
    let hasSigned = try await context.database.read { try GrantTable($0).isAnyIssued() }
    let orders = OrderHandler(
      transactor: transactor, ledger: ledger, directory: directory,
      deadlines: deadlines,
      grants: try GrantSigner(
        path: context.configuration.path("grant.key"), lifetimeSeconds: settings.grantSeconds,
        hasSigned: hasSigned),
      trust: TrustAnchorSource(context), revocations: context.revocations, changes: changes,
      witness: witness)
    let clearing = ClearingHandler(
      transactor: transactor, ledger: ledger, settings: settings.clearing, witness: witness)
    try await clearing.open()
    return ServiceParts(
      methods: LedgerHandler(transactor: transactor, ledger: ledger).methods + orders.methods
        + clearing.methods + TaxHandler(transactor: transactor).methods
        + UsageHandler(transactor: transactor, partitions: partitions).methods
        + InvoiceHandler(transactor: transactor, partitions: partitions).methods
        + CrossingHandler(transactor: transactor, ledger: ledger).methods
        + CitizenHandler(transactor: transactor, partitions: partitions).methods,
      services: [
        Timekeeper(deadlines: deadlines, renewals: renewals, clearing: clearing),
        ConsentFollower(
          transactor: transactor, ledger: ledger, deadlines: settings.deadlines,
          revocations: context.revocations, logger: context.logger),
      ] + crossings(context, ledger),
      auditInstance: auditInstance)
  }

  /// What an instance among several does beside the others' work.
  private static func crossings(_ context: ServiceContext, _ ledger: Ledger) -> [any Service] {
    let partitions = ledger.partitions
    guard let routing = partitions.routing else { return [] }
    let relay = CrossingRelay(
      transactor: context.transactor, ledger: ledger,
      peers: PeerInstances(context, partitions), logger: context.logger)
    return [routing, relay]
  }
}
