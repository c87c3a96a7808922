import CatalogDomain
import CatalogStore
import Codec
import Model
import RPC
import ServiceRuntime

extension OfferHandler {
  func listOffers(
    _ request: CatalogV1.ListOffersRequest, _ context: CallContext
  ) async throws -> CatalogV1.ListOffersResponse {
    let viewer = try Viewer(context)
    let now = transactor.clock.now()
    let query = try PageQuery(
      request, scope: ["offers", "\(request.state.rawValue)", "\(request.productID, default: "")"])
    let fetched = try await transactor.database.read { db in
      try OfferTable(db)
        .list(
          for: viewer, product: request.productID,
          state: request.state == .unspecified ? nil : request.state,
          after: query.after.flatMap { OfferID(bytes: $0) }, limit: query.fetchCount
        )
        .map { try CatalogV1.Offer($0, db, at: now) }
    }
    let page = query.page(
      fetched, within: ListLimits.messageBytes, bytes: { $0.serialized().count },
      key: \.id.bytes)
    return CatalogV1.ListOffersResponse(offers: page.items, nextPageToken: page.nextPageToken)
  }
}
