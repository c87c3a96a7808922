import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ReviewHandler {
  func decideReview(
    _ request: CatalogV1.DecideReviewRequest, _ context: CallContext
  ) async throws -> CatalogV1.DecideReviewResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("review/\(request.reviewID)")
      let (reviews, products) = (ReviewTable(transaction.db), ProductTable(transaction.db))
      let review = try reviews.require(request.reviewID)
      let product = try products.require(review.productID)
      transaction.concerns("product/\(product.id)")
      let reviewer = try viewer.requireReviewer(of: product)
      let decided = try ReviewRules.decide(
        review, of: product, by: reviewer, verdict: ReviewRules.Verdict(request),
        at: transaction.now)
      try reviews.update(decided.review)
      try products.update(decided.product)
      try transaction.emit(AuditEvent("review.decided", decided.review, of: product))
      try transaction.emit(AuditEvent(kind(of: decided.product.state), decided.product))
      return CatalogV1.DecideReviewResponse(review: CatalogV1.Review(decided.review))
    }
  }

  private func kind(of state: CatalogV1.ProductState) -> String {
    switch state {
    case .listed: "product.listed"
    case .returned: "product.returned"
    default: "product.rejected"
    }
  }
}

extension ReviewRules.Verdict {
  fileprivate init(_ request: CatalogV1.DecideReviewRequest) {
    self.init(
      decision: request.decision, reason: request.reason, remarks: request.remarks,
      approvalReference: request.approvalReference, consentBasis: request.consentBasis)
  }
}
