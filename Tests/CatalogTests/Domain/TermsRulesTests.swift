import CatalogDomain
import Model
import Testing

@Suite struct TermsRulesTests {
  private func violations(_ terms: CatalogV1.OfferTerms) -> [String] {
    do {
      _ = try TermsRules.accept(terms, publisher: Sample.ministry, at: Sample.now)
      return []
    } catch {
      return error.violations.map { "\($0.field) \($0.rule)" }
    }
  }

  private func split(_ shares: TypeV1.SplitShare...) -> [String] {
    violations(Sample.terms(split: shares))
  }

  @Test func theProvidersPartNamesThePublisherAfterwards() throws {
    let accepted = try TermsRules.accept(
      Sample.terms(), publisher: Sample.ministry, at: Sample.now)
    #expect(accepted.split.map(\.participantID) == [Sample.ministry, nil, nil])
  }

  @Test func freeHasNoAmountAndNoSplit() {
    #expect(violations(Sample.terms(amount: nil)).isEmpty)
    var terms = Sample.terms(amount: nil)
    terms.price.amount = Money(currency: .vnd, minorUnits: 1)
    terms.split = [TypeV1.SplitShare(beneficiary: .provider, weight: 1)]
    #expect(violations(terms) == ["terms.price.amount absent", "terms.split absent"])
  }

  @Test(arguments: [(0, "integer.gt"), (-5, "integer.gt"), (Money.limit + 1, "integer.lte")])
  func amountsOutOfRangeAreRefused(_ amount: Int64, _ rule: String) {
    #expect(violations(Sample.terms(amount: amount)) == ["terms.price.amount.minor_units \(rule)"])
  }

  @Test func theLargestAmountIsAccepted() {
    #expect(violations(Sample.terms(amount: Money.limit)).isEmpty)
  }

  @Test func aPriceNeedsAnAmount() {
    var terms = Sample.terms()
    terms.price.amount = nil
    #expect(violations(terms) == ["terms.price.amount required"])
  }

  @Test func exactlyOnePartIsTheProviders() {
    let state = TypeV1.SplitShare(beneficiary: .stateBudget, weight: 1)
    let provider = TypeV1.SplitShare(beneficiary: .provider, weight: 1)
    let named = TypeV1.SplitShare(
      beneficiary: .provider, participantID: Sample.ministry, weight: 1)
    #expect(split(state) == ["terms.split one_provider"])
    #expect(split(provider, named) == ["terms.split one_provider"])
    #expect(split(named, state).isEmpty)
    #expect(violations(Sample.terms(split: [])) == ["terms.split one_provider"])
  }

  @Test func theProvidersPartIsThePublishers() {
    let other = TypeV1.SplitShare(
      beneficiary: .provider, participantID: Sample.company, weight: 1)
    #expect(split(other) == ["terms.split[0].participant_id publisher"])
  }

  @Test func receiversAreNamedExactlyWhereTheExchangeDoesNotKnowThem() {
    let provider = TypeV1.SplitShare(beneficiary: .provider, weight: 1)
    let budget = TypeV1.SplitShare(
      beneficiary: .stateBudget, participantID: Sample.company, weight: 1)
    let fund = TypeV1.SplitShare(beneficiary: .dataSubjectsFund, weight: 1)
    #expect(split(provider, budget) == ["terms.split[1].participant_id absent"])
    #expect(split(provider, fund) == ["terms.split[1].participant_id required"])
  }

  @Test func repeatedPartsAndWeightsOutOfRangeAreRefused() {
    let provider = TypeV1.SplitShare(beneficiary: .provider, weight: 1_000_001)
    let budget = TypeV1.SplitShare(beneficiary: .stateBudget, weight: 1)
    #expect(
      split(provider, budget, budget) == [
        "terms.split[0].weight integer.gte", "terms.split[2] unique",
      ])
  }

  @Test func anAudienceNamesParticipantsExactlyWhenItIsListed() {
    let field = "terms.audience.participant_ids"
    let ids = [Sample.company]
    func check(_ kind: CatalogV1.AudienceKind, _ ids: [ParticipantID]) -> [String] {
      violations(Sample.terms(audience: CatalogV1.Audience(kind: kind, participantIDs: ids)))
    }
    #expect(check(.listed, ids).isEmpty)
    #expect(check(.listed, []) == ["\(field) required"])
    #expect(check(.listed, ids + ids) == ["\(field) unique"])
    #expect(check(.public, ids) == ["\(field) absent"])
  }

  @Test func validityEndsAfterItBeginsAndInTheFuture() {
    var terms = Sample.terms()
    terms.validFrom = Sample.later
    terms.validUntil = Sample.later
    #expect(violations(terms) == ["terms.valid_until timestamp.gt"])
    terms.validUntil = Sample.later.adding(seconds: 1)
    #expect(violations(terms).isEmpty)
    terms.validFrom = Sample.now.adding(seconds: -10)
    terms.validUntil = Sample.now.adding(seconds: -5)
    #expect(violations(terms) == ["terms.valid_until timestamp.gt"])
  }
}
