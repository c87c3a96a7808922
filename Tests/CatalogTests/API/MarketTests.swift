import CatalogAPI
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

/// The way of a product to the market and off it, over the real transport.
@Suite struct MarketTests {
  @Test func aProductIsDescribedReviewedListedFoundAndOffered() async throws {
    let catalog = try await CatalogUnderTest()
    let product = try await catalog.listed()
    #expect(product.state == .listed)
    #expect(product.currentRevision?.number == 1)
    let offer = try await catalog.offer(product)
    let found = try await catalog.search("don vi hanh chinh", as: catalog.consumer)
    #expect(found.hits.map(\.product.id) == [product.id])
    #expect(found.hits[0].offers == [offer])
    #expect(offer.terms.split[0].participantID == catalog.provider.participantID)
    #expect(
      try await catalog.events() == [
        "product.created", "revision.published", "product.submitted", "review.claimed",
        "review.decided", "product.listed", "offer.created",
      ])
    await catalog.service.shutdown()
  }

  @Test func settlementSeesTheOfferItsProductAndRevision() async throws {
    let catalog = try await CatalogUnderTest()
    let offer = try await catalog.offer(try await catalog.listed())
    let client = OfferServiceClient(try catalog.service.channel(asService: "settlement"))
    let seen = try await client.getOffer(CatalogV1.GetOfferRequest(offerID: offer.id))
    #expect(seen.offer.etag == offer.etag)
    #expect(seen.offer.blockedBy == "")
    #expect(seen.product.state == .listed)
    #expect(seen.revision?.manifestSHA256 != nil)
    await catalog.service.shutdown()
  }

  @Test func aSuspendedProductIsNeitherFoundNorOrderable() async throws {
    let catalog = try await CatalogUnderTest()
    let product = try await catalog.listed()
    let offer = try await catalog.offer(product)
    _ = try await catalog.products(as: catalog.provider).suspendProduct(
      CatalogV1.SuspendProductRequest(
        requestID: catalog.id(), productID: product.id, reason: "lỗi dữ liệu"))
    #expect(try await catalog.search("hành chính", as: catalog.consumer).hits.isEmpty)
    let seen = try await catalog.offers(as: catalog.consumer)
      .getOffer(CatalogV1.GetOfferRequest(offerID: offer.id))
    #expect(seen.offer.blockedBy == "PRODUCT_NOT_LISTED")
    _ = try await catalog.products(as: catalog.reviewer).reinstateProduct(
      CatalogV1.ReinstateProductRequest(
        requestID: catalog.id(), productID: product.id, reason: "đã sửa"))
    #expect(try await catalog.search("hành chính", as: catalog.consumer).hits.count == 1)
    await catalog.service.shutdown()
  }

  @Test func aReturnedProductCanBeMendedAndSubmittedAgain() async throws {
    let catalog = try await CatalogUnderTest()
    let review = try await catalog.claimed()
    _ = try await catalog.reviews(as: catalog.reviewer).decideReview(
      CatalogV1.DecideReviewRequest(
        requestID: catalog.id(), reviewID: review.id, decision: .returned, reason: "thiếu",
        remarks: [CatalogV1.FieldRemark(field: "description.title", remark: "chưa rõ")]))
    let client = try catalog.products(as: catalog.provider)
    let returned = try await client.getProduct(
      CatalogV1.GetProductRequest(productID: review.productID)
    ).product
    #expect(returned.state == .returned)
    #expect(returned.nextActor == .provider)
    _ = try await client.updateProduct(
      CatalogV1.UpdateProductRequest(
        requestID: catalog.id(), productID: returned.id, etag: returned.etag,
        description: Sample.description(title: "Tên rõ hơn")))
    let submitted = try await client.submitProduct(
      CatalogV1.SubmitProductRequest(requestID: catalog.id(), productID: returned.id)
    ).product
    #expect(submitted.state == .submitted)
    #expect(submitted.description.title.vi == "Tên rõ hơn")
    await catalog.service.shutdown()
  }

  @Test func listsAreCutIntoPagesThatNeitherRepeatNorSkip() async throws {
    let catalog = try await CatalogUnderTest()
    for _ in 0..<5 { _ = try await catalog.draft() }
    let client = try catalog.products(as: catalog.provider)
    var (seen, token): ([ProductID], String) = ([], "")
    repeat {
      let page = try await client.listProducts(
        CatalogV1.ListProductsRequest(pageSize: 2, pageToken: token))
      seen += page.products.map(\.id)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(seen.count == 5)
    #expect(seen == seen.sorted())
    let strangers = try await catalog.products(as: catalog.consumer)
      .listProducts(CatalogV1.ListProductsRequest())
    #expect(strangers.products.isEmpty)
    await catalog.service.shutdown()
  }

  @Test func aSearchGoesOnWhereItsPageEnded() async throws {
    let catalog = try await CatalogUnderTest()
    var expected: [ProductID] = []
    for title in ["Dan so", "Dân số", "Bảng dân số", "Dân số vàng"] {
      expected.append(try await catalog.listed(Sample.description(title: title)).id)
    }
    // As written in order of age, then the one without accents.
    expected.append(expected.removeFirst())
    let client = SearchServiceClient(try catalog.service.channel(as: catalog.consumer))
    var (seen, token): ([ProductID], String) = ([], "")
    repeat {
      let page = try await client.search(
        CatalogV1.SearchRequest(pageSize: 3, pageToken: token, query: "dân số"))
      seen += page.hits.map(\.product.id)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(seen == expected)
    await catalog.service.shutdown()
  }
}
