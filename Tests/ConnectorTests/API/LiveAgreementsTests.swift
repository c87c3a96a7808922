import ConnectorDomain
import Crypto
import Model
import ServiceRuntime
import TestSupport
import Testing

@testable import ConnectorAPI

struct LiveAgreementsTests {
  private func step(
    _ cursor: Int64, _ connector: ConnectorUnderTest, _ state: SettlementV1.AgreementState
  ) -> SettlementV1.WatchOrdersResponse {
    var order = SettlementV1.Order(
      id: connector.order, consumerID: connector.consumer.participantID,
      providerID: connector.provider.participantID, offerID: OfferID(high: 1, low: 1),
      productID: connector.revision.productID, revisionID: connector.revision.id,
      manifestSHA256: Digest.sha256(of: []), policy: TypeV1.UsagePolicy())
    order.agreement = SettlementV1.Agreement(id: connector.agreement, state: state)
    return SettlementV1.WatchOrdersResponse(
      changes: [
        SettlementV1.OrderChange(cursor: cursor, agreementState: state, order: order)
      ], cursor: cursor)
  }

  @Test func streamUnderWayEndsWhenItsAgreementDoes() async throws {
    let connector = try await ConnectorUnderTest()
    let agreements = LiveAgreements(database: connector.context.database)
    let id = connector.agreement
    let (running, run) = AsyncStream.makeStream(of: Void.self)
    async let outcome: String = {
      do {
        try await agreements.whileLive(id) {
          run.finish()
          // A reader that takes nothing: only cancellation ends this.
          try await Task.sleep(for: .seconds(60))
        }
        return "ended by itself"
      } catch let error as ConnectorError {
        return error.reason
      } catch { return "\(error)" }
    }()
    for await _ in running {}
    try await agreements.apply(step(1, connector, .terminated), of: "")
    #expect(await outcome == "AGREEMENT_NOT_ACTIVE")
    #expect(try await agreements.cursor(of: "") == 1)
    await connector.shutdown()
  }

  @Test func stopIsRememberedAndAResumedAgreementCountsAgain() async throws {
    let connector = try await ConnectorUnderTest()
    let agreements = LiveAgreements(database: connector.context.database)
    try await agreements.apply(step(1, connector, .suspended), of: "")
    let restarted = LiveAgreements(database: connector.context.database)
    try await restarted.load()
    #expect(throws: ConnectorError.agreementNotActive(connector.agreement)) {
      try restarted.requireLive(connector.agreement)
    }
    try await restarted.apply(step(2, connector, .active), of: "")
    try restarted.requireLive(connector.agreement)
    await connector.shutdown()
  }

  @Test func everyInstanceIsFollowedAndOneThatJoinsIsToo() async throws {
    let connector = try await ConnectorUnderTest()
    let agreements = LiveAgreements(database: connector.context.database)
    connector.exchange.update { exchange in
      exchange.steps = ["p1": [self.step(7, connector, .suspended)]]
    }
    let feeds = AgreementFeeds(
      agreements: agreements, exchange: connector.exchange.calls(keys: ""),
      logger: connector.context.logger, interval: .milliseconds(20))
    let running = Task { try await feeds.run() }
    try await until { try await agreements.cursor(of: "p1") == 7 }
    #expect(throws: ConnectorError.agreementNotActive(connector.agreement)) {
      try agreements.requireLive(connector.agreement)
    }
    connector.exchange.update { $0.steps["p2"] = [self.step(3, connector, .active)] }
    try await until { try await agreements.cursor(of: "p2") == 3 }
    try agreements.requireLive(connector.agreement)
    running.cancel()
    try await running.value
    await connector.shutdown()
  }

  @Test func anEndedAgreementStaysEndedWhileItsChangesAreReadAgain() async throws {
    let connector = try await ConnectorUnderTest()
    let agreements = LiveAgreements(database: connector.context.database)
    try await agreements.apply(step(2, connector, .terminated), of: "")
    // The change that made it active once, with the order as it is now.
    var earlier = step(1, connector, .terminated)
    earlier.changes[0].agreementState = .active
    try await agreements.apply(earlier, of: "p1")
    #expect(throws: ConnectorError.agreementNotActive(connector.agreement)) {
      try agreements.requireLive(connector.agreement)
    }
    await connector.shutdown()
  }

  /// Waits for what another task is to do.
  private func until(_ holds: () async throws -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(20))
    while try await !holds() {
      try #require(ContinuousClock.now < end)
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
