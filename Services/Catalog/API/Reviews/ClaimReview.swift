import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ReviewHandler {
  func claimReview(
    _ request: CatalogV1.ClaimReviewRequest, _ context: CallContext
  ) async throws -> CatalogV1.ClaimReviewResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("review/\(request.reviewID)")
      let (reviews, products) = (ReviewTable(transaction.db), ProductTable(transaction.db))
      let review = try reviews.require(request.reviewID)
      let product = try products.require(review.productID)
      transaction.concerns("product/\(product.id)")
      let reviewer = try viewer.requireReviewer(of: product)
      let claimed = try review.claimed(by: reviewer, at: transaction.now)
      // A review taken over finds its product in review already.
      if product.state == .submitted {
        try products.update(try product.moved(by: .claim, at: transaction.now))
      }
      try reviews.update(claimed)
      try transaction.emit(AuditEvent("review.claimed", claimed, of: product))
      return CatalogV1.ClaimReviewResponse(review: CatalogV1.Review(claimed))
    }
  }
}
