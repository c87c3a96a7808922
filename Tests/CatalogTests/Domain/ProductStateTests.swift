import CatalogDomain
import Model
import Testing

@Suite struct ProductStateTests {
  @Test func everyTransitionThatIsNotNamedIsRefused() {
    let allowed: [CatalogV1.ProductState: [ProductAction: CatalogV1.ProductState]] = [
      .draft: [.update: .draft, .submit: .submitted, .publishRevision: .draft, .offer: .draft],
      .submitted: [.claim: .inReview, .offer: .submitted],
      .inReview: [
        .list: .listed, .giveBack: .returned, .reject: .rejected, .offer: .inReview,
      ],
      .returned: [
        .update: .returned, .submit: .submitted, .publishRevision: .returned, .offer: .returned,
      ],
      .listed: [
        .suspend: .suspended, .delist: .delisted, .publishRevision: .listed, .offer: .listed,
      ],
      .suspended: [
        .reinstate: .listed, .delist: .delisted, .publishRevision: .suspended, .offer: .suspended,
      ],
    ]
    for state in CatalogV1.ProductState.allCases where state != .unspecified {
      for action in ProductAction.allCases {
        #expect(state.after(action) == allowed[state]?[action], "\(state) \(action)")
      }
    }
  }

  @Test func aRefusedTransitionNamesStateAndAction() throws {
    let error = #expect(throws: CatalogError.self) {
      try Sample.product(.listed).submitted(hasRevision: true, at: Sample.now)
    }
    #expect(error?.reason == "PRODUCT_STATE_FORBIDS")
    #expect(error?.metadata == ["state": "PRODUCT_STATE_LISTED", "action": "submit"])
    #expect(error?.status == .failedPrecondition)
  }

  @Test func aProductWithoutRevisionIsNotSubmitted() {
    #expect(throws: CatalogError.revisionMissing) {
      try Sample.product().submitted(hasRevision: false, at: Sample.now)
    }
  }

  @Test func coreDataAreNeverSubmitted() {
    let product = Sample.product(description: Sample.description(dataClass: .core))
    #expect(throws: CatalogError.coreDataNotTradable) {
      try product.submitted(hasRevision: true, at: Sample.now)
    }
    #expect(product.standing(hasRevision: true).blockedBy == "CORE_DATA_NOT_TRADABLE")
  }

  @Test func submissionSetsTheDueTimeByClass() throws {
    let plain = try Sample.product().submitted(hasRevision: true, at: Sample.now)
    #expect(plain.dueTime == Sample.now.adding(seconds: 5 * 86_400))
    let personal = try Sample.product(description: Sample.description(personal: .basic))
      .submitted(hasRevision: true, at: Sample.now)
    #expect(personal.dueTime == Sample.now.adding(seconds: 10 * 86_400))
    #expect(
      plain.standing(hasRevision: true)
        == Standing(blockedBy: "REVIEW_PENDING", nextActor: .reviewer, dueTime: plain.dueTime))
  }

  @Test func anUpdateNeedsTheCurrentEtagAndMakesANewOne() throws {
    let product = Sample.product()
    let description = Sample.description(title: "Tên mới")
    let updated = try product.updated(description, etag: product.etag, at: Sample.later)
    #expect(updated.description.title.vi == "Tên mới")
    #expect(updated.etag != product.etag)
    #expect(updated.updateTime == Sample.later)
    #expect(throws: CatalogError.etagMismatch) {
      try updated.updated(description, etag: product.etag, at: Sample.later)
    }
  }

  @Test func textIsKeptComposedAndBlankTitlesAreRefused() throws {
    let decomposed = "Đất đai".decomposed
    let product = try Product.create(
      publisher: Sample.ministry, environment: .live,
      description: Sample.description(title: decomposed, keywords: [decomposed, "Đất đai"]),
      at: Sample.now)
    #expect(Array(product.description.title.vi.utf8) == Array("Đất đai".utf8))
    #expect(product.description.keywords == ["Đất đai"])
    let error = #expect(throws: InvalidArgument.self) {
      try Product.create(
        publisher: Sample.ministry, environment: .live,
        description: Sample.description(title: "  "), at: Sample.now)
    }
    #expect(error?.violations.first?.field == "description.title.vi")
  }

  @Test func everyErrorHasAReasonAndBothTexts() {
    let errors: [CatalogError] = [
      .productNotFound(.make(at: Sample.now)), .revisionNotFound(.make(at: Sample.now)),
      .reviewNotFound(.make(at: Sample.now)), .offerNotFound(.make(at: Sample.now)),
      .notPublisher, .ownProduct, .claimedByOther, .notClaimant,
      .productStateForbids(.draft, .delist), .reviewStateForbids(.open),
      .offerStateForbids(.closed), .etagMismatch, .revisionMissing, .coreDataNotTradable,
      .approvalReferenceRequired, .consentBasisRequired,
    ]
    #expect(Set(errors.map(\.reason)).count == errors.count)
    for error in errors { #expect(!error.text.vi.isEmpty && !error.text.en.isEmpty) }
  }
}
