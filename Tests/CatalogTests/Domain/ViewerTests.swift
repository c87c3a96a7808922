import CatalogDomain
import Model
import Testing

@Suite struct ViewerTests {
  @Test func whatWasNeverListedIsSeenByPublisherStaffAndServicesOnly() {
    for state in [CatalogV1.ProductState.draft, .submitted, .inReview, .returned, .rejected] {
      let product = Sample.product(state)
      #expect(!Sample.viewer(Sample.company, [.consumer]).sees(product))
      #expect(Sample.viewer(Sample.ministry, [.provider]).sees(product))
      #expect(Sample.viewer(Sample.reviewer, [.complianceReviewer]).sees(product))
      #expect(Sample.viewer(Sample.reviewer, [.auditor]).sees(product))
      #expect(Viewer.service.sees(product))
    }
  }

  @Test(arguments: [CatalogV1.ProductState.listed, .suspended, .delisted])
  func whatWasListedStaysKnown(_ state: CatalogV1.ProductState) {
    #expect(Sample.viewer(Sample.company, [.consumer]).sees(Sample.product(state)))
  }

  @Test func sandboxAndLiveDoNotSeeEachOther() {
    let live = Sample.product(.listed)
    let sandbox = Sample.product(.listed, environment: .sandbox)
    let player = Sample.viewer(Sample.company, [.consumer], environment: .sandbox)
    #expect(player.sees(sandbox))
    #expect(!player.sees(live))
    #expect(!Sample.viewer(Sample.company, [.consumer]).sees(sandbox))
    #expect(
      !Sample.viewer(Sample.reviewer, [.complianceReviewer], environment: .sandbox).sees(live))
    #expect(Sample.viewer(Sample.reviewer, [.complianceReviewer]).sees(sandbox))
  }

  @Test func strangersLearnNothingOfHiddenProductsAndAreRefusedOnKnownOnes() {
    let stranger = Sample.viewer(Sample.company, [.provider])
    let hidden = Sample.product(.draft)
    #expect(throws: CatalogError.productNotFound(hidden.id)) {
      try stranger.requirePublisher(of: hidden)
    }
    #expect(throws: CatalogError.notPublisher) {
      try stranger.requirePublisher(of: Sample.product(.listed))
    }
    #expect(throws: CatalogError.notPublisher) {
      try stranger.requirePublisherOrReviewer(of: Sample.product(.listed))
    }
  }
}
