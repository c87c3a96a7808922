import CatalogDomain
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func updateProduct(
    _ request: CatalogV1.UpdateProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.UpdateProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let product = try change(
        request.productID, transaction, kind: "product.updated", by: viewer.requirePublisher
      ) { product in
        try product.updated(request.description, etag: request.etag, at: transaction.now)
      }
      return CatalogV1.UpdateProductResponse(product: product)
    }
  }
}
