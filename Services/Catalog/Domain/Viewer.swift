package import Model

/// Who looks at the catalog, as far as its rules care.
package enum Viewer: Sendable, Hashable {
  /// A service of the exchange: sees everything.
  case service
  case participant(ParticipantID, environment: TypeV1.Environment, roles: Set<TypeV1.Role>)

  private static let staffRoles: Set<TypeV1.Role> = [
    .registrar, .securityOfficer, .complianceReviewer, .arbiter, .clearingOfficer, .auditor,
  ]

  /// Whether the viewer works for the exchange.
  package var isStaff: Bool {
    switch self {
    case .service: true
    case .participant(_, _, let roles): !roles.isDisjoint(with: Self.staffRoles)
    }
  }

  package var participantID: ParticipantID? {
    switch self {
    case .service: nil
    case .participant(let id, _, _): id
    }
  }

  /// The one environment the viewer is confined to; nil for services and for staff of the live
  /// exchange, who look after the sandbox too.
  package var environment: TypeV1.Environment? {
    switch self {
    case .service: nil
    case .participant(_, let environment, _): isStaff && environment == .live ? nil : environment
    }
  }

  package func sees(_ product: Product) -> Bool {
    guard environment == nil || environment == product.environment else { return false }
    return product.state.isPublic || isStaff || participantID == product.publisherID
  }

  /// An offer is seen by those who see its product and are in its audience, and by its provider.
  package func sees(_ offer: Offer, of product: Product) -> Bool {
    sees(product) && (isStaff || participantID == offer.providerID || isInAudience(of: offer))
  }

  package func isInAudience(of offer: Offer) -> Bool {
    guard let participantID else { return false }
    return switch offer.terms.audience.kind {
    case .public: true
    case .listed: offer.terms.audience.participantIDs.contains(participantID)
    default: false
    }
  }

  /// Throws NOT_FOUND where the viewer may not know that the product exists.
  package func requireSight(of product: Product) throws {
    guard sees(product) else { throw CatalogError.productNotFound(product.id) }
  }

  /// Throws unless the viewer publishes the product.
  package func requirePublisher(of product: Product) throws {
    try requireSight(of: product)
    guard let participantID, participantID == product.publisherID else {
      throw CatalogError.notPublisher
    }
  }

  /// Throws unless the viewer is a reviewer and not the publisher.
  package func requireReviewer(of product: Product) throws -> ParticipantID {
    try requireSight(of: product)
    guard case .participant(let id, _, let roles) = self, roles.contains(.complianceReviewer)
    else { throw CatalogError.notPublisher }
    guard id != product.publisherID else { throw CatalogError.ownProduct }
    return id
  }

  /// Throws unless the viewer publishes the product or reviews such.
  package func requirePublisherOrReviewer(of product: Product) throws {
    if participantID == product.publisherID { return try requirePublisher(of: product) }
    _ = try requireReviewer(of: product)
  }
}
