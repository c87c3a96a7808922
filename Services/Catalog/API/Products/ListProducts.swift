import CatalogDomain
import CatalogStore
import Codec
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func listProducts(
    _ request: CatalogV1.ListProductsRequest, _ context: CallContext
  ) async throws -> CatalogV1.ListProductsResponse {
    let state = request.state == .unspecified ? nil : request.state
    let filter = ProductTable.Filter(
      viewer: try Viewer(context), state: state, publisherID: request.publisherID)
    let query = try PageQuery(
      request,
      scope: ["products", "\(request.state.rawValue)", "\(request.publisherID, default: "")"])
    let fetched = try await transactor.database.read { db in
      try ProductTable(db)
        .list(
          filter, after: query.after.flatMap { ProductID(bytes: $0) }, limit: query.fetchCount
        )
        .map { try CatalogV1.Product($0, db) }
    }
    let page = query.page(
      fetched, within: ListLimits.messageBytes, bytes: { $0.serialized().count },
      key: \.id.bytes)
    return CatalogV1.ListProductsResponse(
      products: page.items, nextPageToken: page.nextPageToken)
  }
}
