import Client
import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// Personal data on a real exchange: asked for, consented to, delivered, and no more once the person says so.
@Suite(.serialized) struct ConsentCommandTests {
  @Test(.timeLimit(.minutes(3)))
  func withdrawnConsentEndsDeliveryAtTheConnectorWithinSeconds() async throws {
    let market = try await Market.open()
    let citizen = try await market.exchange.admit("citizen", [.citizen], kind: .citizen)
    let offer = try await offerHealthData(market)
    let consent = try await json(
      IdentityV1.Consent.self, market, "company", "consent", "request", "--subject",
      citizen.description, "--provider", market.ministry.profile.participantID.description,
      "--purpose", "research", "--categories", "health", "--until",
      WallClock.system.now().adding(seconds: 86_400).description, "--retention-days", "30")
    let id = consent.artefact.consentID
    #expect(consent.state == .requested && consent.subjectID == nil)
    func place() async throws -> SettlementV1.Order {
      try await market.company.orders.placeOrder(
        .init(
          requestID: Market.request, offerID: offer.id, offerEtag: offer.etag,
          purpose: "research", consentIDs: [id])
      ).order
    }
    await expectRefusal(.failedPrecondition, "CONSENT_NOT_GIVEN") { _ = try await place() }
    let given = try await json(
      IdentityV1.Consent.self, market, "citizen", "consent", "give", id.description)
    #expect(given.state == .given && given.subjectID == citizen)
    let order = try await place()
    await expectRefusal(.failedPrecondition, "CONSENT_USED") { _ = try await place() }

    let grant = try await market.company.orders.issueGrant(
      .init(requestID: Market.request, orderID: order.id)
    ).grant
    let channel = market.company.connector(at: market.connector.address, of: order.providerID)
    let deliveries = DeliveryServiceClient(channel)
    func fetch() async throws -> Int {
      var count = 0
      for try await chunk in deliveries.fetch(.init(grant: grant, path: "provinces.csv")) {
        count += chunk.data.count
      }
      return count
    }
    #expect(try await fetch() == order.sizeBytes)
    let withdrawn = try await json(
      IdentityV1.Consent.self, market, "citizen", "consent", "withdraw", id.description)
    #expect(withdrawn.state == .withdrawn)
    let decided = ContinuousClock.now
    var refusal: String?
    while refusal == nil, decided.duration(to: .now) < .seconds(20) {
      do {
        _ = try await fetch()
        try await Task.sleep(for: .milliseconds(50))
      } catch let status as RPCStatus {
        refusal = status.details?.reason
      }
    }
    #expect(refusal == "AGREEMENT_NOT_ACTIVE")
    #expect(decided.duration(to: .now) < .seconds(5))
    let uses = try await json(
      SettlementV1.ListDataUsesResponse.self, market, "citizen", "consent", "uses"
    ).uses
    #expect(uses.map(\.orderID) == [order.id] && uses.map(\.consentIDs) == [[id]])
    #expect(uses.first?.agreement?.state == .terminated && uses.first?.grants == 1)
    let story = try await market.exchange.ndx(
      "consent", "show", id.description, "--profile", "company")
    #expect(story.contains("used by order \(order.id)") && story.contains("withdrawn"))
    await channel.close()
    await market.close()
  }

  /// A free product about people's health, from the same files.
  private func offerHealthData(_ market: Market) async throws -> CatalogV1.Offer {
    let ministry = market.ministry
    let reviewer = try await market.exchange.connection("reviewer")
    let product = try await ministry.products.createProduct(
      .init(
        requestID: Market.request,
        description: .init(
          title: .init(vi: "Sức khỏe"), description: .init(vi: "Khám định kỳ"), themes: ["health"],
          dataClass: .other, personalData: .basic))
    ).product.id
    _ = try await ministry.products.publishRevision(
      .init(
        requestID: Market.request, productID: product,
        files: try FolderContent.files(in: market.connector.dataFolder),
        connectorAddress: market.connector.address))
    _ = try await ministry.products.submitProduct(
      .init(requestID: Market.request, productID: product))
    let reviews = try await reviewer.reviews.listReviews(.init(productID: product)).reviews
    let review = try #require(reviews.first).id
    _ = try await reviewer.reviews.claimReview(.init(requestID: Market.request, reviewID: review))
    _ = try await reviewer.reviews.decideReview(
      .init(
        requestID: Market.request, reviewID: review, decision: .approved, reason: "consents",
        consentBasis: "consent of each patient"))
    await reviewer.close()
    return try await ministry.offers.createOffer(
      .init(
        requestID: Market.request, productID: product,
        terms: .init(
          price: .init(model: .free), licence: "CC-BY-4.0",
          policy: .init(purposes: ["research"], retentionDays: 30),
          audience: .init(kind: .public)))
    ).offer
  }

  private func json<Message: Decodable>(
    _ type: Message.Type, _ market: Market, _ profile: String, _ arguments: String...
  ) async throws -> Message {
    let output = try await market.exchange.ndx.run(
      arguments + ["--profile", profile, "--output", "json"])
    guard output.exitCode == 0 else {
      throw ExchangeFailure(description: "\(arguments): \(output.standardError)")
    }
    return try JSONDecoder().decode(type, from: Data(output.standardOutput.utf8))
  }
}
