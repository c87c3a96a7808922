import Model
import SettlementDomain

/// A sound trade between two active parties.
enum TradeSamples {
  static let now = Timestamp(microseconds: 1_800_000_000_000_000)
  static let consumerID = ParticipantID(high: 1, low: 1)
  static let providerID = ParticipantID(high: 1, low: 2)

  static func participant(
    _ id: ParticipantID, environment: TypeV1.Environment = .live
  ) -> IdentityV1.Participant {
    IdentityV1.Participant(
      id: id, kind: .enterprise, state: .active, environment: environment,
      name: TypeV1.LocalizedText(vi: "Công ty"), jurisdiction: "VN")
  }

  static func facts(
    consumer: ParticipantID = consumerID, provider: ParticipantID = providerID,
    price: Int64? = 2_000_000, environment: TypeV1.Environment = .live,
    offerID: OfferID = OfferID(high: 2, low: 1)
  ) -> TradeFacts {
    let productID = ProductID(high: 2, low: 2)
    let split = [
      TypeV1.SplitShare(beneficiary: .provider, weight: 80),
      TypeV1.SplitShare(beneficiary: .stateBudget, weight: 15),
      TypeV1.SplitShare(beneficiary: .platform, weight: 5),
    ]
    let terms = CatalogV1.OfferTerms(
      price: CatalogV1.Price(
        model: price == nil ? .free : .oneOff,
        amount: price.map { Money(currency: .vnd, minorUnits: $0) }),
      split: price == nil ? [] : split, licence: "CC-BY-4.0",
      policy: TypeV1.UsagePolicy(purposes: ["research"], territories: ["VN"]),
      audience: CatalogV1.Audience(kind: .public))
    let title = TypeV1.LocalizedText(vi: "Đơn vị hành chính")
    return TradeFacts(
      consumer: participant(consumer, environment: environment),
      provider: participant(provider, environment: environment),
      offer: CatalogV1.Offer(
        id: offerID, productID: productID, providerID: provider, environment: environment,
        version: 1, etag: "v1", terms: terms, state: .open),
      product: CatalogV1.Product(
        id: productID, publisherID: provider, environment: environment,
        description: CatalogV1.ProductDescription(
          title: title, description: title, dataClass: .open, personalData: .none),
        state: .listed),
      revision: CatalogV1.Revision(
        id: RevisionID(high: 2, low: 3), productID: productID, number: 1,
        files: [
          CatalogV1.ContentFile(
            path: "provinces.csv", mediaType: "text/csv", sizeBytes: 1_234, sha256: digest(8))
        ], connectorAddress: "connector.example:7500", manifestSHA256: digest(9), sizeBytes: 1_234))
  }

  static let subjectID = ParticipantID(high: 1, low: 9)

  /// A consent to a sound trade, given: basic personal data about health, kept for 30 days, not for sale.
  static func consent(
    _ id: ConsentID = ConsentID(high: 5, low: 1), consumer: ParticipantID = consumerID,
    provider: ParticipantID = providerID, environment: TypeV1.Environment = .live,
    at now: Timestamp = now
  ) -> IdentityV1.Consent {
    IdentityV1.Consent(
      artefact: IdentityV1.ConsentArtefact(
        consentID: id, version: 1, subjectPseudonym: String(repeating: "a", count: 32),
        providerID: provider, consumerID: consumer, environment: environment, purpose: "research",
        dataCategories: ["health"], startTime: now, expireTime: now.adding(seconds: 10 * 86_400),
        use: .oneTime, retentionDays: 30),
      subjectID: subjectID, state: .given)
  }

  static let wish = OrderWish(environment: .live, offerETag: "v1", purpose: "research")

  /// - Parameter period: that of a subscription; nil for one payment.
  static func order(
    price: Int64? = 2_000_000, period: CatalogV1.BillingPeriod? = nil, renews: Bool = false,
    at now: Timestamp = now, retentionDays: Int32 = 0
  ) -> Order {
    var facts = facts()
    facts.offer.terms.policy.retentionDays = retentionDays
    let split = price == nil ? [] : facts.offer.terms.split
    return Order.place(
      id: OrderID(high: 3, low: 1), agreementID: AgreementID(high: 3, low: 2),
      terms: OrderTerms(
        consumerID: consumerID, providerID: providerID, offerID: facts.offer.id, offerETag: "v1",
        productID: facts.product.id, revisionID: RevisionID(high: 2, low: 3),
        manifestSHA256: digest(9), sizeBytes: 1_234, connectorAddress: "connector.example:7500",
        environment: .live, price: price.map { Money(currency: .vnd, minorUnits: $0) },
        split: split, policy: facts.offer.terms.policy, purpose: "research",
        pricing: period.map { CatalogV1.Price(model: .subscription, period: $0, renews: renews) }),
      deadlines: .standard, at: now)
  }

  static func digest(_ byte: UInt8) -> Digest {
    guard let digest = Digest(bytes: [UInt8](repeating: byte, count: 32)) else {
      preconditionFailure("a digest has 32 bytes")
    }
    return digest
  }
}
