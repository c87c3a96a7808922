package import Model

/// Why catalog refuses what was asked.
package enum CatalogError: DomainError, Hashable {
  case productNotFound(ProductID)
  case revisionNotFound(RevisionID)
  case reviewNotFound(ReviewID)
  case offerNotFound(OfferID)
  /// The caller sees the product but it is another participant's.
  case notPublisher
  /// A publisher may not decide about its own product.
  case ownProduct
  /// Somebody else has claimed the review and is still in time.
  case claimedByOther
  /// Only the reviewer who claimed the review decides it.
  case notClaimant
  case productStateForbids(CatalogV1.ProductState, ProductAction)
  case reviewStateForbids(CatalogV1.ReviewState)
  case offerStateForbids(CatalogV1.OfferState)
  /// The object has changed since the version that the caller names.
  case etagMismatch
  case revisionMissing
  case coreDataNotTradable
  case approvalReferenceRequired
  case consentBasisRequired

  package static var domain: String { "ndx.catalog" }

  package var status: StatusCode {
    switch self {
    case .productNotFound, .revisionNotFound, .reviewNotFound, .offerNotFound: .notFound
    case .notPublisher, .ownProduct, .notClaimant: .permissionDenied
    case .etagMismatch: .aborted
    case .claimedByOther, .productStateForbids, .reviewStateForbids, .offerStateForbids,
      .revisionMissing, .coreDataNotTradable, .approvalReferenceRequired, .consentBasisRequired:
      .failedPrecondition
    }
  }

  package var reason: String {
    switch self {
    case .productNotFound: "PRODUCT_NOT_FOUND"
    case .revisionNotFound: "REVISION_NOT_FOUND"
    case .reviewNotFound: "REVIEW_NOT_FOUND"
    case .offerNotFound: "OFFER_NOT_FOUND"
    case .notPublisher: "NOT_PUBLISHER"
    case .ownProduct: "OWN_PRODUCT"
    case .claimedByOther: "REVIEW_CLAIMED_BY_OTHER"
    case .notClaimant: "NOT_CLAIMANT"
    case .productStateForbids: "PRODUCT_STATE_FORBIDS"
    case .reviewStateForbids: "REVIEW_STATE_FORBIDS"
    case .offerStateForbids: "OFFER_STATE_FORBIDS"
    case .etagMismatch: "ETAG_MISMATCH"
    case .revisionMissing: "REVISION_MISSING"
    case .coreDataNotTradable: "CORE_DATA_NOT_TRADABLE"
    case .approvalReferenceRequired: "APPROVAL_REFERENCE_REQUIRED"
    case .consentBasisRequired: "CONSENT_BASIS_REQUIRED"
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .productNotFound(let id): ["product_id": "\(id)"]
    case .revisionNotFound(let id): ["revision_id": "\(id)"]
    case .reviewNotFound(let id): ["review_id": "\(id)"]
    case .offerNotFound(let id): ["offer_id": "\(id)"]
    case .productStateForbids(let state, let action):
      ["state": state.protoName ?? "", "action": action.rawValue]
    case .reviewStateForbids(let state): ["state": state.protoName ?? ""]
    case .offerStateForbids(let state): ["state": state.protoName ?? ""]
    default: [:]
    }
  }
}
