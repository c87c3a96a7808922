import CatalogDomain
import CatalogStore
import Codec
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func listRevisions(
    _ request: CatalogV1.ListRevisionsRequest, _ context: CallContext
  ) async throws -> CatalogV1.ListRevisionsResponse {
    let viewer = try Viewer(context)
    let query = try PageQuery(request, scope: ["revisions", "\(request.productID)"])
    let before = query.after.flatMap { UInt32(pageKey: $0) }.map { Int32(clamping: $0) }
    let fetched = try await transactor.database.read { db in
      try viewer.requireSight(of: try ProductTable(db).require(request.productID))
      return try RevisionTable(db)
        .list(of: request.productID, before: before, limit: query.fetchCount)
        .map { CatalogV1.Revision($0) }
    }
    let page = query.page(
      fetched, within: ListLimits.messageBytes, bytes: { $0.serialized().count },
      key: { UInt32(clamping: $0.number).pageKey })
    return CatalogV1.ListRevisionsResponse(
      revisions: page.items, nextPageToken: page.nextPageToken)
  }
}
