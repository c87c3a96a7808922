import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func getProduct(
    _ request: CatalogV1.GetProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.GetProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.database.read { db in
      let product = try ProductTable(db).require(request.productID)
      try viewer.requireSight(of: product)
      return CatalogV1.GetProductResponse(product: try CatalogV1.Product(product, db))
    }
  }
}
