import ConnectorDomain
import ConnectorStore
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

@testable import ConnectorAPI

/// A connector's database and relay before a real settlement service: calls at 10 đồng, at most 2,000,000 a day.
struct UsageRelayTests {
  private static let day: Int64 = 86_400

  private func market() async throws -> TestMarket {
    let market = try await TestMarket(certificateSeconds: 10 * Self.day)
    var facts = market.facts()
    facts.offer.terms.price.model = .usage
    facts.offer.terms.price.period = CatalogV1.BillingPeriod(unit: .day, count: 1)
    facts.offer.terms.price.usageUnit = .call
    facts.offer.terms.price.tiers = [CatalogV1.UsageTier(upTo: 0, unitPriceMicros: 10_000_000)]
    market.directory.set(facts)
    return market
  }

  private func database(_ directory: TemporaryDirectory) throws -> ServiceDatabase {
    try ServiceDatabase(
      at: directory.file("connector.sqlite"), service: "connector",
      migrations: ConnectorService.migrations)
  }

  /// - Parameter isAnswerLost: whether settlement's first answer never arrives.
  private func relay(
    _ database: ServiceDatabase, _ market: TestMarket, _ channel: RPCChannel,
    isAnswerLost: Bool = false
  ) -> UsageRelay {
    UsageRelay(database: database, clock: market.time.clock, logger: Logger(label: "test")) {
      _, request in
      let answer = try await UsageServiceClient(channel).reportUsage(request)
      if isAnswerLost { throw RPCStatus(code: .unavailable, message: "lost") }
      return answer
    }
  }

  private func serve(
    _ order: SettlementV1.Order, _ stream: Int64, _ market: TestMarket, _ database: ServiceDatabase
  ) async throws {
    let now = market.time.now
    try await database.write { db in
      let usage = ServedUsage(orderID: order.id, mediaType: "text/csv", bytes: 100, rows: 3)
      try UsageTable(db).finish(usage, of: stream, at: now)
    }
  }

  @Test func whatWasDeliveredIsChargedOnceThroughLostAnswersAndKilledConnectors() async throws {
    let market = try await market()
    let account = try await market.deposit(2_000_000)
    let order = try await market.grant(
      try await market.fund(try await market.place(), from: account)
    ).order
    let channel = try market.service.channel(as: market.provider)
    let directory = try TemporaryDirectory()
    var database = try database(directory)
    // The feed tells of the order, from settlement's own WatchOrders.
    let agreements = LiveAgreements(database: database)
    for try await step in OrderServiceClient(channel).watchOrders(
      SettlementV1.WatchOrdersRequest())
    {
      try await agreements.apply(step, of: "")
      if !step.changes.isEmpty { break }
    }
    for stream in Int64(1)...3 { try await serve(order, stream, market, database) }
    // Settlement counts, but its answer is lost, and the connector is killed with a fetch under way.
    #expect(
      try await !relay(database, market, channel, isAnswerLost: true).sendWaiting())
    try await database.write { db in
      let usage = ServedUsage(orderID: order.id, mediaType: "text/csv", bytes: 50)
      try UsageTable(db).note(usage, of: 9)
    }
    await database.close()
    database = try self.database(directory)
    let now = market.time.now
    try await database.write { try UsageTable($0).recover(at: now) }
    #expect(try await relay(database, market, channel).sendWaiting())
    #expect(try await relay(database, market, channel).sendWaiting())
    let usage = try await UsageServiceClient(channel).getUsage(
      SettlementV1.GetUsageRequest(orderID: order.id))
    #expect(usage.calls == 4 && usage.bytes == 350 && usage.rows == 9)
    let left = try await database.read { try UsageTable($0).waiting(limit: 10) }
    #expect(left.isEmpty)
    market.time.advance(seconds: 2 * Self.day)
    #expect(try await market.get(order).state == .settled)
    #expect(try await market.balance(account) == 1_999_960)
    await database.close()
    await channel.close()
    await market.shutdown()
  }

  @Test func usageAfterThePeriodIsAnsweredAndNotTriedAgain() async throws {
    let market = try await market()
    let order = try await market.grant(
      try await market.fund(try await market.place(), from: try await market.deposit(2_000_000))
    ).order
    let channel = try market.service.channel(as: market.provider)
    let directory = try TemporaryDirectory()
    let database = try database(directory)
    try await database.write { try UsageTable($0).setInstance("", of: order.id) }
    market.time.advance(seconds: 3 * Self.day)
    try await serve(order, 1, market, database)
    #expect(try await relay(database, market, channel).sendWaiting())
    let outcomes = try await database.read {
      try Int32.fetchAll($0, sql: "SELECT outcome FROM usage")
    }
    #expect(outcomes == [SettlementV1.UsageOutcome.periodClosed.rawValue])
    await database.close()
    await channel.close()
    await market.shutdown()
  }
}
