import CatalogDomain
import CatalogStore
import Codec
import Model
import RPC
import ServiceRuntime

extension ReviewHandler {
  func listReviews(
    _ request: CatalogV1.ListReviewsRequest, _ context: CallContext
  ) async throws -> CatalogV1.ListReviewsResponse {
    let viewer = try Viewer(context)
    let query = try PageQuery(
      request, scope: ["reviews", "\(request.state.rawValue)", "\(request.productID, default: "")"])
    let fetched = try await transactor.database.read { db in
      try ReviewTable(db)
        .list(
          state: request.state == .unspecified ? nil : request.state, product: request.productID,
          environment: viewer.environment, after: query.after.flatMap { ReviewID(bytes: $0) },
          limit: query.fetchCount
        )
        .map { CatalogV1.Review($0) }
    }
    let page = query.page(
      fetched, within: ListLimits.messageBytes, bytes: { $0.serialized().count },
      key: \.id.bytes)
    return CatalogV1.ListReviewsResponse(reviews: page.items, nextPageToken: page.nextPageToken)
  }
}
