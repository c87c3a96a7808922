import CatalogDomain
import Model

extension CatalogV1.Review {
  init(_ review: Review) {
    let standing = review.standing
    self.init(
      id: review.id, productID: review.productID, state: review.state,
      reviewerID: review.reviewerID, decision: review.decision, reason: review.reason,
      remarks: review.remarks, blockedBy: standing.blockedBy, nextActor: standing.nextActor,
      dueTime: standing.dueTime, createTime: review.createTime, decideTime: review.decideTime,
      approvalReference: review.approvalReference, consentBasis: review.consentBasis)
  }
}
