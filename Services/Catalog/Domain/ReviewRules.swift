package import Model

/// When a review is due, and what an approval needs by the class of the data.
package enum ReviewRules {
  private static let secondsPerDay: Int64 = 86_400
  /// Days to decide about open and other data without personal data.
  package static let plainDays: Int64 = 5
  /// Days to decide about important or personal data.
  package static let sensitiveDays: Int64 = 10

  package static func dueTime(
    of description: CatalogV1.ProductDescription, submittedAt now: Timestamp
  ) -> Timestamp {
    let needsCare = description.dataClass == .important || description.personalData != .none
    return now.adding(seconds: (needsCare ? sensitiveDays : plainDays) * secondsPerDay)
  }

  /// A decision as the reviewer hands it in.
  package struct Verdict: Sendable, Hashable {
    package var decision: CatalogV1.ReviewDecision
    package var reason: String
    package var remarks: [CatalogV1.FieldRemark]
    package var approvalReference: String
    package var consentBasis: String

    package init(
      decision: CatalogV1.ReviewDecision, reason: String,
      remarks: [CatalogV1.FieldRemark] = [], approvalReference: String = "",
      consentBasis: String = ""
    ) {
      self.decision = decision
      self.reason = reason
      self.remarks = remarks
      self.approvalReference = approvalReference
      self.consentBasis = consentBasis
    }
  }

  /// The review and its product after the verdict of `reviewer`.
  package static func decide(
    _ review: Review, of product: Product, by reviewer: ParticipantID, verdict: Verdict,
    at now: Timestamp
  ) throws -> (review: Review, product: Product) {
    guard review.state == .claimed else { throw CatalogError.reviewStateForbids(review.state) }
    guard review.reviewerID == reviewer else { throw CatalogError.notClaimant }
    let action = try action(of: verdict, for: product.description)
    var decided = review
    decided.state = .decided
    decided.decision = verdict.decision
    decided.reason = SearchText.composed(verdict.reason)
    decided.remarks = verdict.remarks.map {
      CatalogV1.FieldRemark(field: $0.field, remark: SearchText.composed($0.remark))
    }
    decided.approvalReference = verdict.approvalReference
    decided.consentBasis = verdict.consentBasis
    decided.decideTime = now
    return (decided, try product.moved(by: action, at: now))
  }

  private static func action(
    of verdict: Verdict, for description: CatalogV1.ProductDescription
  ) throws -> ProductAction {
    switch verdict.decision {
    case .approved:
      try requireTradable(description, verdict)
      return .list
    case .returned:
      guard !verdict.remarks.isEmpty else {
        throw InvalidArgument(
          field: "remarks", rule: "required",
          text: Text(
            vi: "phải nêu điều cần sửa khi trả lại", en: "must say what to change when returning"))
      }
      return .giveBack
    case .rejected: return .reject
    default:
      throw InvalidArgument(
        field: "decision", rule: "required",
        text: Text(vi: "phải có quyết định", en: "must be a decision"))
    }
  }

  /// Core data are never tradable; important data need a named approval; personal data a consent basis.
  private static func requireTradable(
    _ description: CatalogV1.ProductDescription, _ verdict: Verdict
  ) throws {
    if description.dataClass == .core { throw CatalogError.coreDataNotTradable }
    if description.dataClass == .important, isBlank(verdict.approvalReference) {
      throw CatalogError.approvalReferenceRequired
    }
    if description.personalData != .none, isBlank(verdict.consentBasis) {
      throw CatalogError.consentBasisRequired
    }
  }

  private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
