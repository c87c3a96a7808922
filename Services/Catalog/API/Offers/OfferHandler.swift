import CatalogDomain
import CatalogStore
import Model
import ServiceRuntime
import Stubs

/// `ndx.catalog.v1.OfferService`; each RPC is in the file of its name.
struct OfferHandler: OfferServiceHandler {
  let transactor: Transactor

  /// The offer and its product, if the caller provides it. To those who may not see it, it does not
  /// exist.
  func own(
    _ id: OfferID, _ viewer: Viewer, _ transaction: Transaction
  ) throws -> (offer: Offer, product: Product) {
    transaction.concerns("offer/\(id)")
    let offer = try OfferTable(transaction.db).require(id)
    let product = try ProductTable(transaction.db).require(offer.productID)
    transaction.concerns("product/\(product.id)")
    guard viewer.sees(offer, of: product) else { throw CatalogError.offerNotFound(id) }
    try viewer.requirePublisher(of: product)
    return (offer, product)
  }
}
