import CatalogDomain
import CatalogStore
import Codec
import GRDB
import Model
import RPC
import ServiceRuntime

extension SearchHandler {
  /// Most offers shown with one hit.
  private static let offersPerHit = 16
  /// Hits past this place are not handed out: a narrower question is the better way to them.
  private static let deepestPlace = 10_000

  func search(
    _ request: CatalogV1.SearchRequest, _ context: CallContext
  ) async throws -> CatalogV1.SearchResponse {
    let viewer = try Viewer(context)
    let words = try SearchQuery(request.query)
    let classes = request.dataClasses.filter { $0 != .unspecified }
    let query = try PageQuery(
      request,
      scope: ["search", "\(request.publisherID, default: "")"]
        + classes.map { "\($0.rawValue)" }.sorted() + [""] + words.words)
    let filter = SearchIndex.Filter(
      environment: viewer.environment, publisherID: request.publisherID, dataClasses: classes)
    let offset = Int(query.after.flatMap { UInt32(pageKey: $0) } ?? 0)
    let now = transactor.clock.now()
    let fetched = try await transactor.database.read { db in
      try SearchIndex(db)
        .search(
          words, filter, offset: min(offset, Self.deepestPlace),
          limit: max(0, min(query.fetchCount, Self.deepestPlace - offset))
        )
        .enumerated()
        .map { place, hit in
          let offers = try orderable(hit.product, viewer, db, at: now)
          return (
            hit: CatalogV1.SearchHit(
              product: try CatalogV1.Product(hit.product, db), offers: offers, score: hit.score),
            next: UInt32(offset + place + 1)
          )
        }
    }
    let page = query.page(
      fetched, within: ListLimits.messageBytes, bytes: { $0.hit.serialized().count },
      key: \.next.pageKey)
    return CatalogV1.SearchResponse(
      hits: page.items.map(\.hit), nextPageToken: page.nextPageToken)
  }

  private func orderable(
    _ product: Product, _ viewer: Viewer, _ db: Database, at now: Timestamp
  ) throws -> [CatalogV1.Offer] {
    try OfferTable(db)
      .list(for: viewer, product: product.id, state: .open, after: nil, limit: 500)
      .filter { $0.isOrderable(by: viewer, of: product, at: now) }
      .prefix(Self.offersPerHit)
      .map { CatalogV1.Offer($0, of: product, hasRevision: true, at: now) }
  }
}
