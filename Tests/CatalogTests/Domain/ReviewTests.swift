import CatalogDomain
import Model
import Testing

@Suite struct ReviewTests {
  private let product = Sample.product(.inReview)

  private func claimed(_ product: Product) throws -> Review {
    try Review.open(for: product, at: Sample.now).claimed(by: Sample.reviewer, at: Sample.now)
  }

  private func decide(_ product: Product, _ verdict: ReviewRules.Verdict) throws -> Product {
    try ReviewRules.decide(
      try claimed(product), of: product, by: Sample.reviewer, verdict: verdict, at: Sample.later
    ).product
  }

  @Test func anApprovalListsTheProduct() throws {
    let outcome = try ReviewRules.decide(
      try claimed(product), of: product, by: Sample.reviewer,
      verdict: .init(decision: .approved, reason: "Đủ điều kiện"), at: Sample.later)
    #expect(outcome.product.state == .listed)
    #expect(outcome.review.state == .decided)
    #expect(outcome.review.decideTime == Sample.later)
  }

  @Test func returningNeedsRemarks() throws {
    #expect(throws: InvalidArgument.self) {
      try decide(product, .init(decision: .returned, reason: "Thiếu mô tả"))
    }
    let remark = CatalogV1.FieldRemark(field: "description.title", remark: "Chưa rõ")
    let returned = try decide(
      product, .init(decision: .returned, reason: "Thiếu mô tả", remarks: [remark]))
    #expect(returned.state == .returned)
  }

  @Test func rejectionEndsTheProduct() throws {
    #expect(try decide(product, .init(decision: .rejected, reason: "Trái luật")).state == .rejected)
  }

  @Test func coreDataAreNeverApproved() {
    let core = Sample.product(.inReview, description: Sample.description(dataClass: .core))
    #expect(throws: CatalogError.coreDataNotTradable) {
      try decide(
        core, .init(decision: .approved, reason: "x", approvalReference: "1/QĐ", consentBasis: "y"))
    }
  }

  @Test func importantDataNeedANamedApproval() throws {
    let important = Sample.product(
      .inReview, description: Sample.description(dataClass: .important))
    #expect(throws: CatalogError.approvalReferenceRequired) {
      try decide(important, .init(decision: .approved, reason: "x", approvalReference: " "))
    }
    let listed = try decide(
      important, .init(decision: .approved, reason: "x", approvalReference: "12/QĐ-BCA"))
    #expect(listed.state == .listed)
  }

  @Test(arguments: [CatalogV1.PersonalData.basic, .sensitive])
  func personalDataNeedAConsentBasis(_ kind: CatalogV1.PersonalData) throws {
    let personal = Sample.product(
      .inReview, description: Sample.description(dataClass: .other, personal: kind))
    #expect(throws: CatalogError.consentBasisRequired) {
      try decide(personal, .init(decision: .approved, reason: "x"))
    }
    let listed = try decide(
      personal, .init(decision: .approved, reason: "x", consentBasis: "Điều 9, Luật 91/2025"))
    #expect(listed.state == .listed)
  }

  @Test func onlyTheClaimantDecides() throws {
    let review = try claimed(product)
    #expect(throws: CatalogError.notClaimant) {
      try ReviewRules.decide(
        review, of: product, by: Sample.company, verdict: .init(decision: .approved, reason: "x"),
        at: Sample.later)
    }
    let open = Review.open(for: product, at: Sample.now)
    #expect(throws: CatalogError.reviewStateForbids(.open)) {
      try ReviewRules.decide(
        open, of: product, by: Sample.reviewer, verdict: .init(decision: .approved, reason: "x"),
        at: Sample.later)
    }
  }

  @Test func aClaimIsTakenOverOnlyOnceItIsOverdue() throws {
    let review = try claimed(product)
    #expect(throws: CatalogError.claimedByOther) {
      try review.claimed(by: Sample.company, at: review.dueTime.adding(microseconds: -1))
    }
    #expect(throws: CatalogError.reviewStateForbids(.claimed)) {
      try review.claimed(by: Sample.reviewer, at: Sample.later)
    }
    let taken = try review.claimed(by: Sample.company, at: review.dueTime)
    #expect(taken.reviewerID == Sample.company)
  }

  @Test func aPublisherDoesNotReviewItsOwnProduct() {
    let viewer = Sample.viewer(Sample.ministry, [.provider, .complianceReviewer])
    #expect(throws: CatalogError.ownProduct) { try viewer.requireReviewer(of: product) }
  }
}
