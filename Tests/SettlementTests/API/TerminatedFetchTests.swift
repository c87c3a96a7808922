import Client
import Codec
import ConnectorAPI
import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

/// An agreement ends in the middle of a file: a real settlement, a real connector that follows it, and a consumer that is
/// fetching.
struct TerminatedFetchTests {
  /// Many messages and more than any buffer between the two, so that the end comes in the middle.
  private static let content: [UInt8] = {
    let block = (0..<(256 << 10)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    return Array(repeatElement(block, count: 64).joined())
  }()
  /// Within which the last byte flows after the agreement has ended ("within seconds").
  private static let bound: Duration = .seconds(5)

  @Test func streamUnderATerminatedAgreementEndsInTheMiddleAndItsGrantIsDead() async throws {
    let market = try await TestMarket()
    let folder = try TemporaryDirectory()
    let revision = try Self.write(Self.content, to: folder)
    var facts = market.facts()
    facts.revision = revision
    market.directory.set(facts)
    let connector = try await Connector(market, revision, folder)
    let issued = try await market.grant(
      try await market.fund(try await market.place(), from: try await market.deposit(5_000_000)))
    let request = DeliveryV1.FetchRequest(grant: issued.grant, path: "data.bin")
    var received = 0
    var ended: ContinuousClock.Instant?
    let reason = await Self.refusal {
      for try await chunk in connector.client.fetch(request) {
        if received == 0 {
          _ = try await market.deliveries.terminateAgreement(
            .init(requestID: market.requestID(), orderID: issued.order.id, reason: "sold elsewhere")
          )
          ended = .now
        }
        received += chunk.data.count
        // As slow as a line may be: the stream must not have to be read to its end to stop.
        if let ended, ContinuousClock.now - ended > Self.bound { return }
        try await Task.sleep(for: .milliseconds(25))
      }
    }
    #expect(reason == "AGREEMENT_NOT_ACTIVE")
    #expect(received > 0 && received < Self.content.count)
    // The grant has minutes left and is dead, at the connector and for a new one.
    let again = await Self.refusal {
      for try await _ in connector.client.fetch(request) { break }
    }
    #expect(again == "AGREEMENT_NOT_ACTIVE")
    let renewed = await Self.refusal { _ = try await market.grant(issued.order) }
    #expect(renewed == "ORDER_STATE_CONFLICT")
    let order = try await market.get(issued.order)
    #expect(order.state == .refunded && order.agreement?.state == .terminated)
    await connector.shutdown()
    await market.shutdown()
  }

  private static func refusal(_ call: () async throws -> Void) async -> String {
    do {
      try await call()
      return "accepted"
    } catch let status as RPCStatus {
      return status.details?.reason ?? "\(status)"
    } catch { return "\(error)" }
  }

  private static func write(
    _ bytes: [UInt8], to folder: TemporaryDirectory
  ) throws -> CatalogV1.Revision {
    try Data(bytes).write(to: URL(filePath: folder.file("data.bin")))
    var revision = CatalogV1.Revision(
      id: RevisionID(high: 2, low: 3), productID: ProductID(high: 2, low: 2), number: 1,
      files: [
        CatalogV1.ContentFile(
          path: "data.bin", mediaType: "application/octet-stream", sizeBytes: Int64(bytes.count),
          sha256: Digest.sha256(of: bytes))
      ], connectorAddress: "127.0.0.1:1", sizeBytes: Int64(bytes.count))
    revision.manifestSHA256 = revision.manifest.sha256
    return revision
  }

  /// The provider's connector, whose exchange is the market's settlement.
  private final class Connector: Sendable {
    let client: DeliveryServiceClient
    private let context: ServiceContext
    private let server: RPCServer
    private let channels: [RPCChannel]
    private let work: Task<Void, any Error>
    private let state: TemporaryDirectory

    init(
      _ market: TestMarket, _ revision: CatalogV1.Revision, _ folder: TemporaryDirectory
    ) async throws {
      state = try TemporaryDirectory()
      let (provider, clock) = (market.provider, market.time.clock)
      let logger = Logger(label: "connector") { _ in SwiftLogNoOpLogHandler() }
      let configuration = try await ServiceConfiguration.test(
        ConnectorService.self, directory: state, trustDomain: market.authority.trustDomain,
        settings: ["data": folder.path])
      let database = try ServiceDatabase(
        at: configuration.path("connector.sqlite"), service: "connector",
        migrations: ConnectorService.migrations, logger: logger)
      context = try ServiceContext(
        configuration: configuration, database: database, auditing: .local { _, _, _ in },
        revocations: RevocationView(isAuthoritative: true, clock: clock), keys: KeySetView(),
        tls: try TLSContextStore(try provider.credential.tls()), clock: clock, logger: logger)
      let settlement = try market.service.channel(as: provider)
      let orders = OrderServiceClient(settlement)
      let exchange = ExchangeCalls(
        revision: { _ in revision },
        grantKeys: { try await orders.getGrantKeys(.init()).jwks },
        instances: { [""] },
        watch: { _, cursor, take in
          for try await step in orders.watchOrders(.init(afterCursor: cursor)) {
            try await take(step)
          }
        },
        confirm: { _ = try await orders.confirmDelivery($0) },
        report: { _, request in try await UsageServiceClient(settlement).reportUsage(request) })
      let parts = try await ConnectorParts(
        context, data: folder.path, credential: { provider.credential }, exchange: exchange
      ).assembled()
      server = RPCServer(
        configuration: RPCServerConfiguration(), tls: context.tls, methods: parts.methods,
        interceptors: try context.interceptors(metrics: CallMetrics(service: "connector")),
        logger: logger)
      let address = HostPort(host: "127.0.0.1", port: try await server.start())
      let buying = RPCChannel(
        target: address.description,
        tls: try TLSContextStore(try market.consumer.credential.tls()),
        expecting: .spiffeID(
          below: SPIFFEID.prefix(
            of: provider.participantID, trustDomain: market.authority.trustDomain)))
      client = DeliveryServiceClient(buying)
      channels = [settlement, buying]
      work = Task {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for part in parts.services { group.addTask { try await part.run() } }
          try await group.waitForAll()
        }
      }
    }

    func shutdown() async {
      work.cancel()
      _ = try? await work.value
      for channel in channels { await channel.close() }
      await server.shutdown(grace: .milliseconds(200))
      await context.close()
      await context.database.close()
    }
  }
}
