import ConnectorStore
import Crypto
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

@testable import ConnectorAPI

struct UsageReportTests {
  private static let content = "ma,ten\n01,Hà Nội\n"

  /// Tells a connector of its order, as settlement's instance does.
  private func introduce(
    _ order: OrderID, to connector: ConnectorUnderTest, by instance: String = ""
  ) async throws {
    let order = SettlementV1.Order(
      id: order, consumerID: connector.consumer.participantID,
      providerID: connector.provider.participantID, offerID: OfferID(high: 1, low: 1),
      productID: connector.revision.productID, revisionID: connector.revision.id,
      manifestSHA256: Digest.sha256(of: []), policy: TypeV1.UsagePolicy(),
      pricing: CatalogV1.Price(model: .usage))
    try await LiveAgreements(database: connector.context.database).apply(
      SettlementV1.WatchOrdersResponse(
        changes: [SettlementV1.OrderChange(cursor: 1, order: order)], cursor: 1), of: instance)
  }

  private func relay(_ connector: ConnectorUnderTest) throws -> UsageRelay {
    try #require(connector.parts.services.compactMap { $0 as? UsageRelay }.first)
  }

  private func metered(_ connector: ConnectorUnderTest) throws -> String {
    try connector.token { $0.isMetered = true }
  }

  @Test func fetchUnderAnOrderByUsageIsReportedOnce() async throws {
    let connector = try await ConnectorUnderTest()
    let relay = try relay(connector)
    _ = try await connector.fetch("tinh.csv", grant: try metered(connector))
    // Whose it is, is not known before the order was heard of.
    #expect(try await relay.sendWaiting())
    #expect(connector.exchange.current.reported.isEmpty)
    try await introduce(connector.order, to: connector, by: "p2")
    connector.exchange.update { $0.isAway = true }
    #expect(try await !relay.sendWaiting())
    connector.exchange.update { $0.isAway = false }
    _ = try await connector.fetch("tinh.csv", from: 7, grant: try metered(connector))
    #expect(try await relay.sendWaiting())
    #expect(try await relay.sendWaiting())
    let size = Int64(Self.content.utf8.count)
    #expect(
      connector.exchange.current.reported == [
        "p2": [
          SettlementV1.UsageRecord(
            sequence: 1, orderID: connector.order, calls: 1, bytes: size, rows: 2),
          SettlementV1.UsageRecord(
            sequence: 2, orderID: connector.order, calls: 1, bytes: size - 7, rows: 1),
        ]
      ])
    await connector.shutdown()
  }

  @Test func usageReachesAnInstanceThatWasRenamedInTheSameSequence() async throws {
    let connector = try await ConnectorUnderTest()
    let relay = try relay(connector)
    try await introduce(connector.order, to: connector)
    for start in [Int64(0), 7] {
      _ = try await connector.fetch("tinh.csv", from: start, grant: try metered(connector))
      #expect(try await relay.sendWaiting())
    }
    connector.exchange.update { $0.isAway = true }
    _ = try await connector.fetch("tinh.csv", from: 7, grant: try metered(connector))
    #expect(try await !relay.sendWaiting())
    // What owned everything has become a partition, and its orders are read from it again.
    connector.exchange.update {
      $0.isAway = false
      $0.gone = [""]
      $0.reported["p1"] = $0.reported.removeValue(forKey: "")
    }
    #expect(try await !relay.sendWaiting())
    try await introduce(connector.order, to: connector, by: "p1")
    _ = try await connector.fetch("tinh.csv", grant: try metered(connector))
    #expect(try await relay.sendWaiting())
    let reported = connector.exchange.current.reported
    #expect(reported[""] == nil && reported["p1"]?.map(\.sequence) == [1, 2, 3, 4])
    let left = try await connector.context.database.read { try UsageTable($0).waiting(limit: 10) }
    #expect(left.isEmpty)
    await connector.shutdown()
  }

  @Test func otherOrdersAreNotReported() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv")
    try await introduce(connector.order, to: connector)
    #expect(try await relay(connector).sendWaiting())
    #expect(connector.exchange.current.reported.isEmpty)
    await connector.shutdown()
  }

  @Test func relayReportsByItselfAndGoesOnWhereAnEarlierOneStopped() async throws {
    let connector = try await ConnectorUnderTest()
    _ = try await connector.fetch("tinh.csv", grant: try metered(connector))
    try await introduce(connector.order, to: connector)
    await connector.shutdown()
    let restarted = try await ConnectorUnderTest(after: connector)
    let relay = try relay(restarted)
    let running = Task { try await relay.run() }
    let end = ContinuousClock.now.advanced(by: .seconds(20))
    while restarted.exchange.current.reported[""]?.count != 1 {
      try #require(ContinuousClock.now < end)
      try await Task.sleep(for: .milliseconds(5))
    }
    running.cancel()
    try await running.value
    #expect(restarted.exchange.current.reported[""]?.first?.orderID == connector.order)
    await restarted.shutdown()
  }

  /// Settlement has what the copy still has to report, and more that it has forgotten.
  @Test func aRestoredCopyGoesOnBehindWhatSettlementHasCounted() async throws {
    let connector = try await ConnectorUnderTest()
    let relay = try relay(connector)
    try await introduce(connector.order, to: connector, by: "p2")
    for offset in [Int64(0), 1, 2] {
      _ = try await connector.fetch("tinh.csv", from: offset, grant: try metered(connector))
    }
    let size = Int64(Self.content.utf8.count)
    func record(_ sequence: Int64, _ bytes: Int64) -> SettlementV1.UsageRecord {
      SettlementV1.UsageRecord(
        sequence: sequence, orderID: connector.order, calls: 1, bytes: bytes, rows: 2)
    }
    let counted = [record(1, size), record(2, 7), record(3, 8)]
    connector.exchange.update { $0.reported["p2"] = counted }
    for _ in 0..<10 where try await !relay.sendWaiting() {}
    #expect(try await relay.sendWaiting())
    let reported = try #require(connector.exchange.current.reported["p2"])
    #expect(reported.prefix(3) == counted[...])
    #expect(reported.map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(reported.suffix(2).map(\.bytes) == [size - 1, size - 2])
    await connector.shutdown()
  }

  @Test func grantSaysWhetherItsOrderIsMetered() async throws {
    let connector = try await ConnectorUnderTest()
    let keys = JSONWebKeySet(keys: ["k1": connector.settlementKey.publicKey])
    for isMetered in [true, false] {
      let grant = try DeliveryGrant.verify(
        try connector.token { $0.isMetered = isMetered },
        provider: connector.provider.participantID, keys: keys, at: connector.time.now)
      #expect(grant.isMetered == isMetered)
    }
    await connector.shutdown()
  }
}
