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
    try await agreements.apply(step(1, connector, .terminated))
    #expect(await outcome == "AGREEMENT_NOT_ACTIVE")
    #expect(try await agreements.cursor() == 1)
    await connector.shutdown()
  }

  @Test func stopIsRememberedAndAResumedAgreementCountsAgain() async throws {
    let connector = try await ConnectorUnderTest()
    let agreements = LiveAgreements(database: connector.context.database)
    try await agreements.apply(step(1, connector, .suspended))
    let restarted = LiveAgreements(database: connector.context.database)
    try await restarted.load()
    #expect(throws: ConnectorError.agreementNotActive(connector.agreement)) {
      try restarted.requireLive(connector.agreement)
    }
    try await restarted.apply(step(2, connector, .active))
    try restarted.requireLive(connector.agreement)
    await connector.shutdown()
  }
}
