import Model
import SettlementDomain
import Testing

struct GateTests {
  typealias Spoiler = @Sendable (inout TradeFacts, inout OrderWish) -> Void

  /// One way to break each rule.
  static let spoilers: [GateRule: Spoiler] = [
    .consumerNotActive: { facts, _ in facts.consumer.state = .suspended },
    .providerNotActive: { facts, _ in facts.provider.state = .terminated },
    .beneficiaryNotActive: { facts, _ in
      var broker = TradeSamples.participant(ParticipantID(high: 1, low: 3))
      broker.state = .suspended
      facts.beneficiaries = [broker]
    },
    .ownOffer: { facts, _ in facts.provider.id = facts.consumer.id },
    .environmentMismatch: { facts, _ in facts.product.environment = .sandbox },
    .offerClosed: { facts, _ in facts.offer.state = .closed },
    .offerNotYetValid: { facts, _ in
      facts.offer.terms.validFrom = TradeSamples.now.adding(microseconds: 1)
    },
    .offerNoLongerValid: { facts, _ in facts.offer.terms.validUntil = TradeSamples.now },
    .offerChanged: { _, wish in wish.offerETag = "v0" },
    .notInAudience: { facts, _ in
      facts.offer.terms.audience = CatalogV1.Audience(
        kind: .listed, participantIDs: [ParticipantID(high: 4, low: 4)])
    },
    .offerNotPayable: { facts, _ in
      facts.offer.terms.price.amount = Money(currency: .vnd, minorUnits: Money.limit + 1)
    },
    .productNotListed: { facts, _ in facts.product.state = .suspended },
    .productWithoutRevision: { facts, _ in facts.revision = nil },
    .coreData: { facts, _ in facts.product.description.dataClass = .core },
    .impactDossierRequired: { facts, _ in
      if facts.product.description.dataClass != .core {
        facts.product.description.dataClass = .important
      }
      facts.provider.jurisdiction = "LA"
    },
    .territoryNotAllowed: { facts, _ in facts.offer.terms.policy.territories = ["LA"] },
    .consentRequired: { facts, wish in
      facts.product.description.personalData = .basic
      wish.consentIDs = []
    },
    .purposeNotAllowed: { _, wish in wish.purpose = "marketing" },
    .consentNotFound: { _, wish in wish.consentIDs = [ConsentID(high: 5, low: 5)] },
    .consentNotGiven: { facts, _ in facts.spoilConsent { $0.consent.state = .requested } },
    .consentWithdrawn: { facts, _ in facts.spoilConsent { $0.consent.state = .withdrawn } },
    .consentExpired: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.expireTime = TradeSamples.now }
    },
    .consentPaused: { facts, _ in
      facts.spoilConsent {
        $0.consent.state = .paused
        $0.consent.artefact.expireTime = TradeSamples.now.adding(microseconds: 1)
      }
    },
    .consentNotYetValid: { facts, _ in
      facts.spoilConsent {
        $0.consent.artefact.startTime = TradeSamples.now.adding(microseconds: 1)
      }
    },
    .consentSignatureInvalid: { facts, _ in facts.spoilConsent { $0.signatureValid = false } },
    .consentPartiesMismatch: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.consumerID = ParticipantID(high: 4, low: 4) }
    },
    .consentEnvironmentMismatch: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.environment = .sandbox }
    },
    .consentPurposeMismatch: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.purpose = "statistics" }
    },
    .consentCategoryMismatch: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.dataCategories = ["census"] }
    },
    .consentRetentionExceeded: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.retentionDays = 1 }
    },
    .consentUsed: { facts, _ in facts.spoilConsent { $0.usedUp = true } },
    .personalDataNotForSale: { facts, _ in
      facts.spoilConsent { $0.consent.artefact.saleBasis = "" }
    },
  ]

  private func firstBroken(_ rules: GateRule...) -> GateRule? {
    var (facts, wish) = (TradeSamples.facts(), TradeSamples.wish)
    facts.offer.terms.policy.retentionDays = 30
    for rule in rules { Self.spoilers[rule]?(&facts, &wish) }
    return GateRule.firstBroken(by: .placing(wish, facts, at: TradeSamples.now))
  }

  @Test func soundTradePasses() { #expect(firstBroken() == nil) }

  @Test(arguments: GateRule.allCases) func brokenRuleIsNamedWithItsGate(rule: GateRule) {
    #expect(Self.spoilers[rule] != nil)
    #expect(firstBroken(rule) == rule)
    let error = SettlementError.gate(rule)
    #expect(error.reason == rule.rawValue)
    #expect(error.metadata == ["gate": rule.gate.rawValue, "rule": rule.rawValue])
    #expect(!error.text.vi.isEmpty && !error.text.en.isEmpty)
  }

  @Test func ofTwoBrokenRulesTheEarlierIsNamed() {
    for (index, earlier) in GateRule.allCases.enumerated() {
      for later in GateRule.allCases[(index + 1)...] {
        #expect(firstBroken(later, earlier) == earlier, "\(earlier) before \(later)")
      }
    }
  }

  @Test(arguments: GateRule.allCases)
  func orderThatExistsIsBoundByEverythingButItsOffer(rule: GateRule) {
    var (facts, wish) = (TradeSamples.facts(), TradeSamples.wish)
    Self.spoilers[rule]?(&facts, &wish)
    let order = TradeSamples.order(retentionDays: 30)
    let broken = GateRule.firstBroken(by: .continuing(order, facts, at: TradeSamples.now))
    let isFrozen =
      rule.gate == .offer || rule == .productWithoutRevision || rule == .territoryNotAllowed
      || rule == .purposeNotAllowed || rule == .consentNotFound
    #expect(broken == (isFrozen ? nil : rule))
  }

  @Test func nobodyOfAnotherEnvironmentIsPaid() {
    var facts = TradeSamples.facts()
    facts.beneficiaries = [
      TradeSamples.participant(ParticipantID(high: 1, low: 3), environment: .sandbox)
    ]
    #expect(
      GateRule.firstBroken(by: .placing(TradeSamples.wish, facts, at: TradeSamples.now))
        == .environmentMismatch)
  }

  @Test func whatWasSoldIsStillOwedOnceTheProductIsDelisted() {
    var facts = TradeSamples.facts()
    facts.product.state = .delisted
    #expect(
      GateRule.firstBroken(by: .continuing(TradeSamples.order(), facts, at: TradeSamples.now))
        == nil)
    #expect(
      GateRule.firstBroken(by: .placing(TradeSamples.wish, facts, at: TradeSamples.now))
        == .productNotListed)
  }

  @Test func shareThatNeedsANameAndHasNoneIsNotPayable() {
    var facts = TradeSamples.facts()
    facts.offer.terms.split.append(TypeV1.SplitShare(beneficiary: .intermediary, weight: 1))
    #expect(
      GateRule.firstBroken(by: .placing(TradeSamples.wish, facts, at: TradeSamples.now))
        == .offerNotPayable)
  }
}

extension TradeFacts {
  /// Alters a consent that would bear a sale otherwise.
  fileprivate mutating func spoilConsent(_ body: (inout IdentityV1.VerifiedConsent) -> Void) {
    if consents.isEmpty {
      product.description.themes = ["health"]
      var consent = TradeSamples.consent()
      consent.artefact.saleBasis = "Law 1/2030/QH17, article 2"
      consents = [IdentityV1.VerifiedConsent(consent: consent, signatureValid: true)]
    }
    body(&consents[0])
  }
}
