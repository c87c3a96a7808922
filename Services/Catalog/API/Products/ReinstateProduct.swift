import CatalogDomain
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func reinstateProduct(
    _ request: CatalogV1.ReinstateProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.ReinstateProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let product = try change(
        request.productID, transaction, kind: "product.reinstated",
        payload: ["reason": request.reason], by: { _ = try viewer.requireReviewer(of: $0) }
      ) { product in
        try product.moved(by: .reinstate, at: transaction.now)
      }
      return CatalogV1.ReinstateProductResponse(product: product)
    }
  }
}
