package import Model

/// A product on terms.
package struct Offer: Sendable, Hashable {
  package let id: OfferID
  package let productID: ProductID
  package let providerID: ParticipantID
  package let environment: TypeV1.Environment
  /// Of the terms, from 1.
  package var version: Int32
  package var terms: CatalogV1.OfferTerms
  package var state: CatalogV1.OfferState
  package let createTime: Timestamp
  package var updateTime: Timestamp

  package init(
    id: OfferID, productID: ProductID, providerID: ParticipantID,
    environment: TypeV1.Environment, version: Int32 = 1, terms: CatalogV1.OfferTerms,
    state: CatalogV1.OfferState = .open, createTime: Timestamp, updateTime: Timestamp? = nil
  ) {
    self.id = id
    self.productID = productID
    self.providerID = providerID
    self.environment = environment
    self.version = version
    self.terms = terms
    self.state = state
    self.createTime = createTime
    self.updateTime = updateTime ?? createTime
  }

  /// Names this version of the terms: an order must state it.
  package var etag: String { EntityTag.of("offer/\(id)", version: Int64(version)) }

  /// A new offer of a product. Throws `InvalidArgument` for terms that do not add up.
  package static func create(
    of product: Product, terms: CatalogV1.OfferTerms, at now: Timestamp
  ) throws -> Offer {
    guard product.state.after(.offer) != nil else {
      throw CatalogError.productStateForbids(product.state, .offer)
    }
    guard product.description.dataClass != .core else { throw CatalogError.coreDataNotTradable }
    return Offer(
      id: .make(at: now), productID: product.id, providerID: product.publisherID,
      environment: product.environment,
      terms: try TermsRules.accept(terms, publisher: product.publisherID, at: now), createTime: now)
  }

  /// The next version, on new terms.
  package func revised(
    _ terms: CatalogV1.OfferTerms, etag: String, at now: Timestamp
  ) throws -> Offer {
    guard state == .open else { throw CatalogError.offerStateForbids(state) }
    guard etag == self.etag else { throw CatalogError.etagMismatch }
    var offer = self
    offer.terms = try TermsRules.accept(terms, publisher: providerID, at: now)
    offer.version += 1
    offer.updateTime = now
    return offer
  }

  package func closed(at now: Timestamp) throws -> Offer {
    guard state == .open else { throw CatalogError.offerStateForbids(state) }
    var offer = self
    offer.state = .closed
    offer.updateTime = now
    return offer
  }

  /// What keeps the offer from being ordered, and who can change that by when.
  package func standing(of product: Product, hasRevision: Bool, at now: Timestamp) -> Standing {
    guard state == .open else { return Standing() }
    guard product.state == .listed else {
      let next = product.standing(hasRevision: hasRevision)
      return Standing(
        blockedBy: "PRODUCT_NOT_LISTED", nextActor: next.nextActor, dueTime: next.dueTime)
    }
    if let from = terms.validFrom, now < from {
      return Standing(blockedBy: "NOT_YET_VALID", nextActor: .exchange, dueTime: from)
    }
    if let until = terms.validUntil, now >= until {
      return Standing(blockedBy: "VALIDITY_ENDED", nextActor: .provider)
    }
    return Standing(nextActor: .consumer, dueTime: terms.validUntil)
  }

  /// Whether `viewer` may order it now.
  package func isOrderable(by viewer: Viewer, of product: Product, at now: Timestamp) -> Bool {
    state == .open && standing(of: product, hasRevision: true, at: now).blockedBy.isEmpty
      && viewer.isInAudience(of: self)
  }
}
