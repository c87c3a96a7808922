package import Model

/// What catalog and identity say of a trade, fetched for one call and kept no longer.
package struct TradeFacts: Sendable, Hashable {
  package var consumer: IdentityV1.Participant
  package var provider: IdentityV1.Participant
  /// The others that the offer's split names; looked up while an order is placed, for the split is frozen then.
  package var beneficiaries: [IdentityV1.Participant]
  package var offer: CatalogV1.Offer
  package var product: CatalogV1.Product
  /// The newest revision; nil when there is none.
  package var revision: CatalogV1.Revision?
  /// What identity found of the consents that are named; those that do not exist are left out.
  package var consents: [IdentityV1.VerifiedConsent]

  package init(
    consumer: IdentityV1.Participant, provider: IdentityV1.Participant,
    beneficiaries: [IdentityV1.Participant] = [], offer: CatalogV1.Offer,
    product: CatalogV1.Product, revision: CatalogV1.Revision?,
    consents: [IdentityV1.VerifiedConsent] = []
  ) {
    self.consumer = consumer
    self.provider = provider
    self.beneficiaries = beneficiaries
    self.offer = offer
    self.product = product
    self.revision = revision
    self.consents = consents
  }
}

/// What a consumer asks for.
package struct OrderWish: Sendable, Hashable {
  /// The caller's environment, from its token.
  package var environment: TypeV1.Environment
  /// The version of the offer that the consumer has seen.
  package var offerETag: String
  package var purpose: String
  /// Each once.
  package var consentIDs: [ConsentID]

  package init(
    environment: TypeV1.Environment, offerETag: String, purpose: String,
    consentIDs: [ConsentID] = []
  ) {
    self.environment = environment
    self.offerETag = offerETag
    self.purpose = purpose
    self.consentIDs = consentIDs
  }
}

/// What the gates look at. At placing the terms are the offer's, afterwards those frozen in the order.
package struct GateInput: Sendable {
  package let facts: TradeFacts
  package let environment: TypeV1.Environment
  package let purpose: String
  package let policy: TypeV1.UsagePolicy
  package let consentIDs: [ConsentID]
  /// Whether there is a price.
  package let isSale: Bool
  /// Set while the order is being placed.
  package let wish: OrderWish?
  package let now: Timestamp

  /// The gates of placing an order.
  package static func placing(_ wish: OrderWish, _ facts: TradeFacts, at now: Timestamp) -> Self {
    GateInput(
      facts: facts, environment: wish.environment, purpose: wish.purpose,
      policy: facts.offer.terms.policy, consentIDs: wish.consentIDs,
      isSale: facts.offer.terms.price.model != .free, wish: wish, now: now)
  }

  /// The gates of an order that exists: its offer may have ended or changed meanwhile, the rest counts.
  package static func continuing(_ order: Order, _ facts: TradeFacts, at now: Timestamp) -> Self {
    GateInput(
      facts: facts, environment: order.terms.environment, purpose: order.terms.purpose,
      policy: order.terms.policy, consentIDs: order.terms.consents.map(\.id),
      isSale: order.terms.price != nil, wish: nil, now: now)
  }
}
