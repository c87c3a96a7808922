import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// The real settlement, from its handlers down to the file, on a database that a simulation may crash. Catalog and
/// identity stand beside it on real servers.
struct SimulatedExchange {
  static let deadlines = OrderDeadlines(
    fundingSeconds: 100, deliverySeconds: 200, acceptanceSeconds: 300, agreementSeconds: 3_000,
    answerSeconds: 400, replySeconds: 500, decisionSeconds: 600, reportSeconds: 250,
    renewal: RenewalSchedule(leadSeconds: 700, graceSeconds: 2_000, retrySeconds: 300))
  static let payInSeconds: Int64 = 60

  let context: ServiceContext
  let ledger: LedgerHandler
  let orders: OrderHandler
  let clearing: ClearingHandler
  let usage: UsageHandler
  let renewals: RenewalKeeper
  let consents: ConsentFollower
  let crossings: CrossingHandler
  /// Of an instance among several.
  let relay: CrossingRelay?
  var database: ServiceDatabase { context.database }

  /// - Parameter partition: what it owns, and how it reaches the others; everything when absent.
  init(
    in folder: TemporaryDirectory, _ authority: TestAuthority, _ settings: [String: String],
    clock: WallClock, as partition: (own: IdentityV1.Partition, peers: any CrossingPeers)? = nil
  ) async throws {
    let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
    let configuration = try await ServiceConfiguration.test(
      SettlementService.self, directory: folder, trustDomain: authority.trustDomain,
      settings: settings)
    let database = try ServiceDatabase(
      at: folder.file("settlement.sqlite"), service: "settlement",
      migrations: SettlementSchema.migrations, logger: logger)
    let credential = try authority.credential(for: .service("settlement"))
    context = try ServiceContext(
      configuration: configuration, database: database, auditing: .outbox,
      revocations: RevocationView(isAuthoritative: true, clock: clock),
      keys: KeySetView(authority.keys), tls: try TLSContextStore(try credential.tls()),
      clock: clock, logger: logger)
    let transactor = context.transactor
    let partitions = Partitions(
      own: partition?.own,
      routing: partition.map { [context] in RoutingSource(context, own: $0.own) })
    try await partitions.routing?.refresh()
    let books = Ledger(database, partitions)
    database.add(LedgerJournal(ledger: books, transactor: transactor))
    let changes = OrderChanges()
    database.add(changes)
    try await ExchangeAccounts.open(transactor, in: partitions)
    crossings = CrossingHandler(transactor: transactor, ledger: books)
    relay = partition.map {
      CrossingRelay(transactor: transactor, ledger: books, peers: $0.peers, logger: logger)
    }
    ledger = LedgerHandler(transactor: transactor, ledger: books)
    let directory = TradeDirectory(context)
    usage = UsageHandler(transactor: transactor, partitions: partitions)
    renewals = RenewalKeeper(
      transactor: transactor, ledger: books, directory: directory,
      schedule: Self.deadlines.renewal, witness: nil, logger: logger)
    consents = ConsentFollower(
      transactor: transactor, ledger: books, deadlines: Self.deadlines,
      revocations: context.revocations, logger: logger)
    orders = OrderHandler(
      transactor: transactor, ledger: books, directory: directory,
      deadlines: DeadlineKeeper(
        transactor: transactor, ledger: books, deadlines: Self.deadlines, witness: nil,
        logger: logger),
      grants: try GrantSigner(
        path: folder.file("grant.key"), lifetimeSeconds: 300, hasSigned: false),
      trust: TrustAnchorSource(context), revocations: context.revocations, changes: changes,
      witness: nil)
    clearing = ClearingHandler(
      transactor: transactor, ledger: books,
      settings: ClearingSettings(
        payInSeconds: Self.payInSeconds,
        bank: BankAccount(
          name: "Exchange", bic: "VBAAVNVX", account: "GB82WEST12345698765432")),
      witness: nil)
    try await clearing.open()
  }

  func close() async {
    await context.close()
    await database.close()
  }

  /// Ends what is overdue, as the timekeeper does.
  func passDeadlines() async throws {
    _ = try await orders.deadlines.enforceDue()
    try await clearing.passDeadlines()
    _ = try await renewals.renewDue()
  }
}
