import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func getRevision(
    _ request: CatalogV1.GetRevisionRequest, _ context: CallContext
  ) async throws -> CatalogV1.GetRevisionResponse {
    let viewer = try Viewer(context)
    return try await transactor.database.read { db in
      let revision = try RevisionTable(db).require(request.revisionID)
      guard viewer.sees(try ProductTable(db).require(revision.productID)) else {
        throw CatalogError.revisionNotFound(revision.id)
      }
      return CatalogV1.GetRevisionResponse(revision: CatalogV1.Revision(revision))
    }
  }
}
