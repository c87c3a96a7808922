import CatalogDomain
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func delistProduct(
    _ request: CatalogV1.DelistProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.DelistProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let product = try change(
        request.productID, transaction, kind: "product.delisted",
        payload: ["reason": request.reason], by: viewer.requirePublisherOrReviewer
      ) { product in
        try product.moved(by: .delist, at: transaction.now)
      }
      return CatalogV1.DelistProductResponse(product: product)
    }
  }
}
