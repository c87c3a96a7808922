import CatalogDomain
import CatalogStore
import GRDB
import Model

extension CatalogV1.Offer {
  init(_ offer: Offer, of product: Product, hasRevision: Bool, at now: Timestamp) {
    let standing = offer.standing(of: product, hasRevision: hasRevision, at: now)
    self.init(
      id: offer.id, productID: offer.productID, providerID: offer.providerID,
      environment: offer.environment, version: offer.version, etag: offer.etag,
      terms: offer.terms, state: offer.state, blockedBy: standing.blockedBy,
      nextActor: standing.nextActor, dueTime: standing.dueTime, createTime: offer.createTime,
      updateTime: offer.updateTime)
  }

  /// With the state of its product in the database.
  init(_ offer: Offer, _ db: Database, at now: Timestamp) throws {
    self.init(
      offer, of: try ProductTable(db).require(offer.productID),
      hasRevision: try RevisionTable(db).exists(of: offer.productID), at: now)
  }
}
