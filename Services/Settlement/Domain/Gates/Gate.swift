import Model

/// What must hold before an order is placed, paid, and before every grant.
package enum Gate: String, Sendable, CaseIterable {
  case partyState = "PARTY_STATE"
  case environment = "ENVIRONMENT"
  case offer = "OFFER"
  case product = "PRODUCT"
  case dataClass = "DATA_CLASS"
  case crossBorder = "CROSS_BORDER"
  case consent = "CONSENT"
  case policy = "POLICY"
}

/// One rule of a gate. They are checked in this order; the first that is broken refuses.
/// The raw value is the stable reason.
package enum GateRule: String, Sendable, CaseIterable {
  case consumerNotActive = "CONSUMER_NOT_ACTIVE"
  case providerNotActive = "PROVIDER_NOT_ACTIVE"
  case beneficiaryNotActive = "BENEFICIARY_NOT_ACTIVE"
  case ownOffer = "OWN_OFFER"
  case environmentMismatch = "ENVIRONMENT_MISMATCH"
  case offerClosed = "OFFER_CLOSED"
  case offerNotYetValid = "OFFER_NOT_YET_VALID"
  case offerNoLongerValid = "OFFER_NO_LONGER_VALID"
  case offerChanged = "OFFER_CHANGED"
  case notInAudience = "NOT_IN_AUDIENCE"
  case offerNotPayable = "OFFER_NOT_PAYABLE"
  case productNotListed = "PRODUCT_NOT_LISTED"
  case productWithoutRevision = "PRODUCT_WITHOUT_REVISION"
  case coreData = "CORE_DATA_NOT_TRADABLE"
  case impactDossierRequired = "IMPACT_DOSSIER_REQUIRED"
  case territoryNotAllowed = "TERRITORY_NOT_ALLOWED"
  case consentRequired = "CONSENT_REQUIRED"
  case purposeNotAllowed = "PURPOSE_NOT_ALLOWED"
  case consentNotFound = "CONSENT_NOT_FOUND"
  case consentNotGiven = "CONSENT_NOT_GIVEN"
  case consentWithdrawn = "CONSENT_WITHDRAWN"
  case consentExpired = "CONSENT_EXPIRED"
  case consentPaused = "CONSENT_PAUSED"
  case consentNotYetValid = "CONSENT_NOT_YET_VALID"
  case consentSignatureInvalid = "CONSENT_SIGNATURE_INVALID"
  case consentPartiesMismatch = "CONSENT_PARTIES_MISMATCH"
  case consentEnvironmentMismatch = "CONSENT_ENVIRONMENT_MISMATCH"
  case consentPurposeMismatch = "CONSENT_PURPOSE_MISMATCH"
  case consentCategoryMismatch = "CONSENT_CATEGORY_MISMATCH"
  case consentRetentionExceeded = "CONSENT_RETENTION_EXCEEDED"
  case consentUsed = "CONSENT_USED"
  case personalDataNotForSale = "PERSONAL_DATA_NOT_FOR_SALE"

  package var gate: Gate {
    switch self {
    case .consumerNotActive, .providerNotActive, .beneficiaryNotActive, .ownOffer: .partyState
    case .environmentMismatch: .environment
    case .offerClosed, .offerNotYetValid, .offerNoLongerValid, .offerChanged, .notInAudience,
      .offerNotPayable:
      .offer
    case .productNotListed, .productWithoutRevision: .product
    case .coreData: .dataClass
    case .impactDossierRequired, .territoryNotAllowed: .crossBorder
    case .consentRequired, .consentNotFound, .consentNotGiven, .consentWithdrawn, .consentExpired,
      .consentPaused, .consentNotYetValid, .consentSignatureInvalid, .consentPartiesMismatch,
      .consentEnvironmentMismatch, .consentPurposeMismatch, .consentCategoryMismatch,
      .consentRetentionExceeded, .consentUsed, .personalDataNotForSale:
      .consent
    case .purposeNotAllowed: .policy
    }
  }

  /// The first rule that `input` breaks; nil when all gates are open.
  package static func firstBroken(by input: GateInput) -> GateRule? {
    allCases.first { $0.isBroken(by: input) }
  }

  /// Whether `input` breaks this rule, whatever the others say.
  package func isBroken(by input: GateInput) -> Bool {
    switch gate {
    case .offer: breaksOffer(input)
    case .partyState, .environment, .product: breaksParties(input)
    case .dataClass, .crossBorder, .policy: breaksLaw(input)
    case .consent: breaksConsent(input)
    }
  }

  private func breaksParties(_ input: GateInput) -> Bool {
    let facts = input.facts
    return switch self {
    case .consumerNotActive: facts.consumer.state != .active
    case .providerNotActive: facts.provider.state != .active
    case .beneficiaryNotActive: facts.beneficiaries.contains { $0.state != .active }
    case .ownOffer: facts.consumer.id == facts.provider.id
    case .environmentMismatch:
      ([
        facts.consumer.environment, facts.provider.environment, facts.offer.environment,
        facts.product.environment,
      ] + facts.beneficiaries.map(\.environment)).contains { $0 != input.environment }
    case .productNotListed:
      // A product off the market for good is not sold any more, but what was sold is still owed.
      input.wish == nil
        ? facts.product.state != .listed && facts.product.state != .delisted
        : facts.product.state != .listed
    case .productWithoutRevision: input.wish != nil && facts.revision?.manifestSHA256 == nil
    default: false
    }
  }

  /// Rules of the offer bind while an order is placed; afterwards its frozen terms count.
  private func breaksOffer(_ input: GateInput) -> Bool {
    guard let wish = input.wish else { return false }
    let (offer, terms) = (input.facts.offer, input.facts.offer.terms)
    return switch self {
    case .offerClosed: offer.state != .open
    case .offerNotYetValid: terms.validFrom.map { input.now < $0 } ?? false
    case .offerNoLongerValid: terms.validUntil.map { input.now >= $0 } ?? false
    case .offerChanged: offer.etag != wish.offerETag
    case .notInAudience:
      switch terms.audience.kind {
      case .public: false
      case .listed: !terms.audience.participantIDs.contains(input.facts.consumer.id)
      case .unspecified, .unrecognized: true
      }
    case .offerNotPayable: !Self.isPayable(terms)
    default: false
    }
  }

  private func breaksLaw(_ input: GateInput) -> Bool {
    let facts = input.facts
    let description = facts.product.description
    return switch self {
    case .coreData:
      switch description.dataClass {
      case .open, .other, .important: false
      case .core, .unspecified, .unrecognized: true
      }
    case .impactDossierRequired:
      description.dataClass == .important
        && facts.consumer.jurisdiction != facts.provider.jurisdiction
    case .territoryNotAllowed:
      !input.policy.territories.isEmpty
        && !input.policy.territories.contains(facts.consumer.jurisdiction)
    case .purposeNotAllowed:
      !input.policy.purposes.isEmpty && !input.policy.purposes.contains(input.purpose)
    default: false
    }
  }

  /// Whether the price can be taken and divided: free without a split, or one amount and a split with
  /// exactly one provider, in which everybody who needs naming is named.
  private static func isPayable(_ terms: CatalogV1.OfferTerms) -> Bool {
    switch terms.price.model {
    case .free: return terms.price.amount == nil
    case .oneOff, .subscription, .usage:
      guard let amount = terms.price.amount, (1...Money.limit).contains(amount.minorUnits),
        terms.split.count(where: { $0.beneficiary == .provider }) == 1,
        isPeriodSound(terms.price), isMeterSound(terms.price)
      else { return false }
      return terms.split.allSatisfy { share in
        switch share.beneficiary {
        case .provider, .stateBudget, .platform: share.weight > 0
        case .dataSubjectsFund, .intermediary: share.weight > 0 && share.participantID != nil
        case .taxOffice, .unspecified, .unrecognized: false
        }
      }
    case .unspecified, .unrecognized: return false
    }
  }

  /// A subscription is for a period, and may renew; usage is charged at the end of one, and does not.
  /// Nothing else has a period.
  private static func isPeriodSound(_ price: CatalogV1.Price) -> Bool {
    guard price.model != .oneOff else { return price.period == nil }
    return (price.model == .subscription || !price.renews)
      && price.period.map { $0.count > 0 && $0.unit.isKnown } ?? false
  }

  /// Usage is counted in a known unit, and each unit has one price: tiers rise, and the last has no end.
  private static func isMeterSound(_ price: CatalogV1.Price) -> Bool {
    guard price.model == .usage else { return price.tiers.isEmpty }
    let ends = price.tiers.dropLast().map(\.upTo)
    return [.call, .mebibyte, .row].contains(price.usageUnit) && price.tiers.last?.upTo == 0
      && zip([0] + ends, ends).allSatisfy { $0 < $1 }
      && price.tiers.allSatisfy { (0...1_000_000_000_000_000).contains($0.unitPriceMicros) }
  }
}
