import CatalogAPI
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport

/// Catalog on a real server, with the parties of a market.
struct CatalogUnderTest {
  let service: TestService<CatalogService>
  let time: ManualTime
  let provider: TestCaller
  let reviewer: TestCaller
  let consumer: TestCaller

  init() async throws {
    time = ManualTime()
    service = try await TestService(clock: time.clock)
    provider = try service.authority.caller([.provider])
    reviewer = try service.authority.caller([.complianceReviewer])
    consumer = try service.authority.caller([.consumer])
  }

  func products(as caller: TestCaller) throws -> ProductServiceClient {
    ProductServiceClient(try service.channel(as: caller))
  }

  func reviews(as caller: TestCaller) throws -> ReviewServiceClient {
    ReviewServiceClient(try service.channel(as: caller))
  }

  func offers(as caller: TestCaller) throws -> OfferServiceClient {
    OfferServiceClient(try service.channel(as: caller))
  }

  func search(_ query: String, as caller: TestCaller) async throws -> CatalogV1.SearchResponse {
    try await SearchServiceClient(try service.channel(as: caller))
      .search(CatalogV1.SearchRequest(query: query))
  }

  func id() -> RequestID { .make(at: time.now) }

  /// A product of the provider with one revision, in DRAFT.
  func draft(_ description: CatalogV1.ProductDescription = Sample.description()) async throws
    -> CatalogV1.Product
  {
    let client = try products(as: provider)
    let product = try await client.createProduct(
      CatalogV1.CreateProductRequest(requestID: id(), description: description)
    ).product
    _ = try await client.publishRevision(
      CatalogV1.PublishRevisionRequest(
        requestID: id(), productID: product.id, files: [Sample.file("data.csv")],
        connectorAddress: "127.0.0.1:7500"))
    return product
  }

  /// A product submitted and claimed.
  func claimed(_ description: CatalogV1.ProductDescription = Sample.description()) async throws
    -> CatalogV1.Review
  {
    let product = try await draft(description)
    _ = try await products(as: provider).submitProduct(
      CatalogV1.SubmitProductRequest(requestID: id(), productID: product.id))
    let client = try reviews(as: reviewer)
    let review = try await client.listReviews(
      CatalogV1.ListReviewsRequest(productID: product.id)
    ).reviews[0]
    return try await client.claimReview(
      CatalogV1.ClaimReviewRequest(requestID: id(), reviewID: review.id)
    ).review
  }

  /// A product on the market.
  func listed(_ description: CatalogV1.ProductDescription = Sample.description()) async throws
    -> CatalogV1.Product
  {
    let review = try await claimed(description)
    _ = try await reviews(as: reviewer).decideReview(
      CatalogV1.DecideReviewRequest(
        requestID: id(), reviewID: review.id, decision: .approved, reason: "Đủ điều kiện"))
    return try await products(as: provider).getProduct(
      CatalogV1.GetProductRequest(productID: review.productID)
    ).product
  }

  func offer(
    _ product: CatalogV1.Product, terms: CatalogV1.OfferTerms = Sample.terms()
  ) async throws -> CatalogV1.Offer {
    try await offers(as: provider).createOffer(
      CatalogV1.CreateOfferRequest(requestID: id(), productID: product.id, terms: terms)
    ).offer
  }

  /// Kinds of the audit events so far, in order, as the outbox holds them.
  func events() async throws -> [String] {
    try await service.database.read { db in
      try String.fetchAll(db, sql: "SELECT kind FROM outbox ORDER BY sequence")
    }
  }
}

/// Why a call was refused.
func refusal<Response>(_ call: () async throws -> Response) async -> String {
  do {
    _ = try await call()
    return "accepted"
  } catch let status as RPCStatus {
    return "\(status.code.name) \(status.details?.reason ?? "")"
  } catch { return "\(error)" }
}
