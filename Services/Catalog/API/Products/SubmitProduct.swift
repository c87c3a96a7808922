import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func submitProduct(
    _ request: CatalogV1.SubmitProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.SubmitProductResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let hasRevision = try RevisionTable(transaction.db).exists(of: request.productID)
      let product = try change(
        request.productID, transaction, kind: "product.submitted", by: viewer.requirePublisher
      ) { product in
        let submitted = try product.submitted(hasRevision: hasRevision, at: transaction.now)
        try ReviewTable(transaction.db).insert(Review.open(for: submitted, at: transaction.now))
        return submitted
      }
      return CatalogV1.SubmitProductResponse(product: product)
    }
  }
}
