import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension OfferHandler {
  func createOffer(
    _ request: CatalogV1.CreateOfferRequest, _ context: CallContext
  ) async throws -> CatalogV1.CreateOfferResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("product/\(request.productID)")
      let product = try ProductTable(transaction.db).require(request.productID)
      try viewer.requirePublisher(of: product)
      let offer = try Offer.create(of: product, terms: request.terms, at: transaction.now)
      try OfferTable(transaction.db).insert(offer)
      try transaction.emit(AuditEvent("offer.created", offer))
      return CatalogV1.CreateOfferResponse(
        offer: try CatalogV1.Offer(offer, transaction.db, at: transaction.now))
    }
  }
}
