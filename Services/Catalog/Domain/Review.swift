package import Model

/// The examination of one submission of a product.
package struct Review: Sendable, Hashable {
  package let id: ReviewID
  package let productID: ProductID
  package var state: CatalogV1.ReviewState
  package var reviewerID: ParticipantID?
  package var decision: CatalogV1.ReviewDecision
  package var reason: String
  package var remarks: [CatalogV1.FieldRemark]
  package var approvalReference: String
  package var consentBasis: String
  package let dueTime: Timestamp
  package let createTime: Timestamp
  package var decideTime: Timestamp?

  package init(
    id: ReviewID, productID: ProductID, state: CatalogV1.ReviewState = .open,
    reviewerID: ParticipantID? = nil, decision: CatalogV1.ReviewDecision = .unspecified,
    reason: String = "", remarks: [CatalogV1.FieldRemark] = [], approvalReference: String = "",
    consentBasis: String = "", dueTime: Timestamp, createTime: Timestamp,
    decideTime: Timestamp? = nil
  ) {
    self.id = id
    self.productID = productID
    self.state = state
    self.reviewerID = reviewerID
    self.decision = decision
    self.reason = reason
    self.remarks = remarks
    self.approvalReference = approvalReference
    self.consentBasis = consentBasis
    self.dueTime = dueTime
    self.createTime = createTime
    self.decideTime = decideTime
  }

  /// The review that a submission opens.
  package static func open(for product: Product, at now: Timestamp) -> Review {
    Review(
      id: .make(at: now), productID: product.id,
      dueTime: product.dueTime ?? ReviewRules.dueTime(of: product.description, submittedAt: now),
      createTime: now)
  }

  /// Claimed by `reviewer`. A claim that was not decided in time may be taken over, so that no
  /// product waits for somebody who has left.
  package func claimed(by reviewer: ParticipantID, at now: Timestamp) throws -> Review {
    switch state {
    case .open: break
    case .claimed where reviewerID != reviewer:
      guard now >= dueTime else { throw CatalogError.claimedByOther }
    default: throw CatalogError.reviewStateForbids(state)
    }
    var review = self
    review.state = .claimed
    review.reviewerID = reviewer
    return review
  }

  package var standing: Standing {
    switch state {
    case .open: Standing(nextActor: .reviewer, dueTime: dueTime)
    case .claimed: Standing(nextActor: .reviewer, dueTime: dueTime)
    default: Standing()
    }
  }
}
