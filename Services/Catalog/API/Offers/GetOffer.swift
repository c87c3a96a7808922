import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension OfferHandler {
  func getOffer(
    _ request: CatalogV1.GetOfferRequest, _ context: CallContext
  ) async throws -> CatalogV1.GetOfferResponse {
    let viewer = try Viewer(context)
    let now = transactor.clock.now()
    return try await transactor.database.read { db in
      let offer = try OfferTable(db).require(request.offerID)
      let product = try ProductTable(db).require(offer.productID)
      guard viewer.sees(offer, of: product) else { throw CatalogError.offerNotFound(offer.id) }
      let revision = try RevisionTable(db).newest(of: product.id)
      return CatalogV1.GetOfferResponse(
        offer: CatalogV1.Offer(offer, of: product, hasRevision: revision != nil, at: now),
        product: CatalogV1.Product(product, revision: revision),
        revision: revision.map { CatalogV1.Revision($0) })
    }
  }
}
