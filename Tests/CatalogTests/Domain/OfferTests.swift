import CatalogDomain
import Model
import Testing

@Suite struct OfferTests {
  private func offer(_ terms: CatalogV1.OfferTerms = Sample.terms()) throws -> Offer {
    try Offer.create(of: Sample.product(.listed), terms: terms, at: Sample.now)
  }

  @Test func aRevisionOfTheTermsMakesANewVersionAndEtag() throws {
    let first = try offer()
    let second = try first.revised(
      Sample.terms(amount: 3_000_000), etag: first.etag, at: Sample.later)
    #expect(second.version == 2)
    #expect(second.etag != first.etag)
    #expect(throws: CatalogError.etagMismatch) {
      try second.revised(Sample.terms(), etag: first.etag, at: Sample.later)
    }
  }

  @Test func aClosedOfferStaysClosed() throws {
    let closed = try offer().closed(at: Sample.later)
    #expect(throws: CatalogError.offerStateForbids(.closed)) {
      try closed.closed(at: Sample.later)
    }
    #expect(throws: CatalogError.offerStateForbids(.closed)) {
      try closed.revised(Sample.terms(), etag: closed.etag, at: Sample.later)
    }
  }

  @Test func coreDataAndEndedProductsAreNotOffered() {
    let core = Sample.product(description: Sample.description(dataClass: .core))
    #expect(throws: CatalogError.coreDataNotTradable) {
      try Offer.create(of: core, terms: Sample.terms(), at: Sample.now)
    }
    #expect(throws: CatalogError.productStateForbids(.delisted, .offer)) {
      try Offer.create(of: Sample.product(.delisted), terms: Sample.terms(), at: Sample.now)
    }
  }

  @Test func standingSaysWhatKeepsItFromBeingOrdered() throws {
    var terms = Sample.terms()
    terms.validFrom = Sample.later
    terms.validUntil = Sample.later.adding(seconds: 60)
    let offer = try offer(terms)
    let listed = Sample.product(.listed)
    func blockedBy(_ product: Product, _ time: Timestamp) -> String {
      offer.standing(of: product, hasRevision: true, at: time).blockedBy
    }
    #expect(blockedBy(Sample.product(.draft), Sample.later) == "PRODUCT_NOT_LISTED")
    #expect(blockedBy(listed, Sample.now) == "NOT_YET_VALID")
    #expect(blockedBy(listed, Sample.later) == "")
    #expect(blockedBy(listed, Sample.later.adding(seconds: 60)) == "VALIDITY_ENDED")
  }

  @Test func onlyItsAudienceSeesAndOrdersAListedOffer() throws {
    let product = Sample.product(.listed)
    let audience = CatalogV1.Audience(kind: .listed, participantIDs: [Sample.company])
    let offer = try Offer.create(
      of: product, terms: Sample.terms(audience: audience), at: Sample.now)
    let named = Sample.viewer(Sample.company, [.consumer])
    let other = Sample.viewer(Sample.reviewer, [.consumer])
    #expect(named.sees(offer, of: product))
    #expect(!other.sees(offer, of: product))
    #expect(Viewer.service.sees(offer, of: product))
    #expect(Sample.viewer(Sample.ministry).sees(offer, of: product))
    #expect(offer.isOrderable(by: named, of: product, at: Sample.now))
    #expect(!offer.isOrderable(by: other, of: product, at: Sample.now))
  }
}
