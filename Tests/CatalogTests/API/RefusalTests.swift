import CatalogAPI
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// What catalog refuses, and that a refusal changes nothing, over the real transport.
@Suite struct RefusalTests {
  @Test func aPublisherMayNotReviewItsOwnProduct() async throws {
    let catalog = try await CatalogUnderTest()
    let product = try await catalog.draft()
    _ = try await catalog.products(as: catalog.provider).submitProduct(
      CatalogV1.SubmitProductRequest(requestID: catalog.id(), productID: product.id))
    let both = try catalog.service.authority.caller(
      [.provider, .complianceReviewer], participant: catalog.provider.participantID)
    let client = try catalog.reviews(as: both)
    let review = try await client.listReviews(CatalogV1.ListReviewsRequest()).reviews[0]
    let reason = await refusal {
      try await client.claimReview(
        CatalogV1.ClaimReviewRequest(requestID: catalog.id(), reviewID: review.id))
    }
    #expect(reason == "PERMISSION_DENIED OWN_PRODUCT")
    await catalog.service.shutdown()
  }

  @Test func rolesAreRequired() async throws {
    let catalog = try await CatalogUnderTest()
    let reason = await refusal {
      try await catalog.products(as: catalog.consumer).createProduct(
        CatalogV1.CreateProductRequest(
          requestID: catalog.id(), description: Sample.description()))
    }
    #expect(reason == "PERMISSION_DENIED ROLE_REQUIRED")
    await catalog.service.shutdown()
  }

  @Test func anothersProductIsUnknownUntilListedAndThenForbidden() async throws {
    let catalog = try await CatalogUnderTest()
    let stranger = try catalog.service.authority.caller([.provider])
    let client = try catalog.products(as: stranger)
    let draft = try await catalog.draft()
    let hidden = await refusal {
      try await client.getProduct(CatalogV1.GetProductRequest(productID: draft.id))
    }
    #expect(hidden == "NOT_FOUND PRODUCT_NOT_FOUND")
    let listed = try await catalog.listed()
    let forbidden = await refusal {
      try await client.delistProduct(
        CatalogV1.DelistProductRequest(
          requestID: catalog.id(), productID: listed.id, reason: "x"))
    }
    #expect(forbidden == "PERMISSION_DENIED NOT_PUBLISHER")
    let revision = await refusal {
      try await client.publishRevision(
        CatalogV1.PublishRevisionRequest(
          requestID: catalog.id(), productID: listed.id, files: [Sample.file("x")],
          connectorAddress: "127.0.0.1:1"))
    }
    #expect(revision == "PERMISSION_DENIED NOT_PUBLISHER")
    await catalog.service.shutdown()
  }

  @Test func aReusedRequestIDIsAnsweredAgainOrRefused() async throws {
    let catalog = try await CatalogUnderTest()
    let client = try catalog.products(as: catalog.provider)
    let request = CatalogV1.CreateProductRequest(
      requestID: catalog.id(), description: Sample.description())
    let first = try await client.createProduct(request)
    let again = try await client.createProduct(request)
    #expect(!first.replayed && again.replayed)
    #expect(first.product == again.product)
    var other = request
    other.description.title.vi = "Khác"
    let reason = await refusal { try await client.createProduct(other) }
    #expect(reason == "ALREADY_EXISTS REQUEST_ID_REUSED")
    #expect(try await catalog.events() == ["product.created"])
    await catalog.service.shutdown()
  }

  @Test func refusedTransitionsAreAuditedAndChangeNothing() async throws {
    let catalog = try await CatalogUnderTest()
    let client = try catalog.products(as: catalog.provider)
    let product = try await client.createProduct(
      CatalogV1.CreateProductRequest(requestID: catalog.id(), description: Sample.description())
    ).product
    let reason = await refusal {
      try await client.submitProduct(
        CatalogV1.SubmitProductRequest(requestID: catalog.id(), productID: product.id))
    }
    #expect(reason == "FAILED_PRECONDITION REVISION_MISSING")
    let unchanged = try await client.getProduct(
      CatalogV1.GetProductRequest(productID: product.id)
    ).product
    #expect(unchanged == product)
    #expect(unchanged.blockedBy == "REVISION_MISSING")
    let refused = try await catalog.service.database.read { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox WHERE outcome = 'refused'")
    }
    #expect(refused == 1)
    await catalog.service.shutdown()
  }

  @Test func badTermsNameFieldAndRule() async throws {
    let catalog = try await CatalogUnderTest()
    let product = try await catalog.draft()
    do {
      _ = try await catalog.offer(product, terms: Sample.terms(amount: -1))
      Issue.record("accepted")
    } catch let status as RPCStatus {
      #expect(status.code == .invalidArgument)
      #expect(status.details?.violations.first?.field == "terms.price.amount.minor_units")
    }
    await catalog.service.shutdown()
  }

  @Test func aStaleEtagIsRefused() async throws {
    let catalog = try await CatalogUnderTest()
    let offer = try await catalog.offer(try await catalog.draft())
    let client = try catalog.offers(as: catalog.provider)
    func revise() async throws -> CatalogV1.Offer {
      try await client.reviseOffer(
        CatalogV1.ReviseOfferRequest(
          requestID: catalog.id(), offerID: offer.id, etag: offer.etag,
          terms: Sample.terms(amount: 5))
      ).offer
    }
    #expect(try await revise().version == 2)
    #expect(await refusal { try await revise() } == "ABORTED ETAG_MISMATCH")
    await catalog.service.shutdown()
  }

  @Test func anOfferOutsideItsAudienceDoesNotExist() async throws {
    let catalog = try await CatalogUnderTest()
    let audience = CatalogV1.Audience(
      kind: .listed, participantIDs: [catalog.reviewer.participantID])
    let offer = try await catalog.offer(
      try await catalog.listed(), terms: Sample.terms(audience: audience))
    let reason = await refusal {
      try await catalog.offers(as: catalog.consumer)
        .getOffer(CatalogV1.GetOfferRequest(offerID: offer.id))
    }
    #expect(reason == "NOT_FOUND OFFER_NOT_FOUND")
    let hits = try await catalog.search("hành chính", as: catalog.consumer).hits
    #expect(hits.count == 1 && hits[0].offers.isEmpty)
    await catalog.service.shutdown()
  }

  @Test func aPageTokenOfAnotherListIsRefused() async throws {
    let catalog = try await CatalogUnderTest()
    for _ in 0..<2 { _ = try await catalog.draft() }
    let client = try catalog.products(as: catalog.provider)
    let token = try await client.listProducts(CatalogV1.ListProductsRequest(pageSize: 1))
      .nextPageToken
    let reason = await refusal {
      try await client.listProducts(
        CatalogV1.ListProductsRequest(pageSize: 1, pageToken: token, state: .draft))
    }
    #expect(reason == "INVALID_ARGUMENT INVALID_FIELD")
    await catalog.service.shutdown()
  }
}
