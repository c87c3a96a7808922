import CatalogDomain
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func suspendProduct(
    _ request: CatalogV1.SuspendProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.SuspendProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let product = try change(
        request.productID, transaction, kind: "product.suspended",
        payload: ["reason": request.reason], by: viewer.requirePublisherOrReviewer
      ) { product in
        try product.moved(by: .suspend, at: transaction.now)
      }
      return CatalogV1.SuspendProductResponse(product: product)
    }
  }
}
