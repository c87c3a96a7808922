import CatalogDomain
import Model
import ServiceRuntime

extension AuditEvent {
  /// What happened to a product.
  init(_ kind: String, _ product: Product, payload: [String: String] = [:]) {
    let described = [
      "title": product.description.title.vi, "state": product.state.protoName ?? "",
      "version": "\(product.version)",
    ]
    self.init(
      kind: kind,
      subjects: ["product/\(product.id)", "participant/\(product.publisherID)"],
      payload: described.merging(payload) { _, given in given })
  }

  /// What happened to an offer.
  init(_ kind: String, _ offer: Offer) {
    self.init(
      kind: kind,
      subjects: [
        "offer/\(offer.id)", "product/\(offer.productID)", "participant/\(offer.providerID)",
      ],
      payload: [
        "etag": offer.etag, "version": "\(offer.version)", "state": offer.state.protoName ?? "",
        "price": offer.terms.price.amount?.description ?? "free",
      ])
  }

  /// What happened to a review of a product.
  init(_ kind: String, _ review: Review, of product: Product) {
    var subjects = [
      "review/\(review.id)", "product/\(product.id)", "participant/\(product.publisherID)",
    ]
    if let reviewer = review.reviewerID { subjects.append("participant/\(reviewer)") }
    self.init(
      kind: kind, subjects: subjects,
      payload: [
        "state": review.state.protoName ?? "", "decision": review.decision.protoName ?? "",
        "reason": review.reason, "approval_reference": review.approvalReference,
        "consent_basis": review.consentBasis,
      ].filter { !$0.value.isEmpty })
  }
}
