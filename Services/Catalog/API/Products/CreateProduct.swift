import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func createProduct(
    _ request: CatalogV1.CreateProductRequest, _ context: CallContext
  ) async throws -> CatalogV1.CreateProductResponse {
    guard case .participant(let publisher) = context.caller else { throw AccessError.roleRequired }
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("participant/\(publisher.participantID)")
      let product = try Product.create(
        publisher: publisher.participantID, environment: publisher.environment,
        description: request.description, at: transaction.now)
      try ProductTable(transaction.db).insert(product)
      try transaction.emit(AuditEvent("product.created", product))
      return CatalogV1.CreateProductResponse(
        product: CatalogV1.Product(product, revision: nil))
    }
  }
}
