package import Model

/// What an order agrees to, frozen when it is placed.
package struct OrderTerms: Sendable, Hashable {
  package let consumerID: ParticipantID
  package let providerID: ParticipantID
  package let offerID: OfferID
  package let offerETag: String
  package let productID: ProductID
  package let revisionID: RevisionID
  package let manifestSHA256: Digest
  package let sizeBytes: Int64
  package let connectorAddress: String
  package let environment: TypeV1.Environment
  /// Before tax; nil when free.
  package let price: Money?
  /// Empty when free.
  package let split: [TypeV1.SplitShare]
  package let policy: TypeV1.UsagePolicy
  package let purpose: String
  /// How the price is formed; nil when free, and for orders from before it was kept.
  package let pricing: CatalogV1.Price?
  /// Nil when free, and for orders from before there was one.
  package let tax: OrderTax?
  /// Those of the people that the data are about; empty when they are about nobody.
  package let consents: [OrderConsent]

  package init(
    consumerID: ParticipantID, providerID: ParticipantID, offerID: OfferID, offerETag: String,
    productID: ProductID, revisionID: RevisionID, manifestSHA256: Digest, sizeBytes: Int64,
    connectorAddress: String, environment: TypeV1.Environment, price: Money?,
    split: [TypeV1.SplitShare], policy: TypeV1.UsagePolicy, purpose: String,
    pricing: CatalogV1.Price? = nil, tax: OrderTax? = nil, consents: [OrderConsent] = []
  ) {
    self.consumerID = consumerID
    self.providerID = providerID
    self.offerID = offerID
    self.offerETag = offerETag
    self.productID = productID
    self.revisionID = revisionID
    self.manifestSHA256 = manifestSHA256
    self.sizeBytes = sizeBytes
    self.connectorAddress = connectorAddress
    self.environment = environment
    self.price = price
    self.split = split
    self.policy = policy
    self.purpose = purpose
    self.pricing = pricing
    self.tax = tax
    self.consents = consents
  }

  /// Whether what was used is charged when the period is over; then the price is the cap, and it is held.
  package var isMetered: Bool { pricing?.model == .usage }

  /// Whether another period follows the one that is paid, until somebody cancels that.
  package var renews: Bool { pricing?.model == .subscription && pricing?.renews == true }

  /// What the consumer pays, or pays at most for usage: price and tax; nil when free.
  package var total: Money? {
    price.map {
      Money(currency: $0.currency, minorUnits: $0.minorUnits + (tax?.amount.minorUnits ?? 0))
    }
  }
}

/// Where the money of a paid order came from, and goes back to.
package struct Funding: Sendable, Hashable {
  package let accountID: AccountID
  package let transferID: TransferID

  package init(accountID: AccountID, transferID: TransferID) {
    self.accountID = accountID
    self.transferID = transferID
  }
}

/// One part of a payment, to be paid out.
package struct PaymentPart: Sendable, Hashable {
  /// Who gets it.
  package let share: TypeV1.SplitShare
  /// Minor units; may be 0.
  package let amount: Int64

  package init(share: TypeV1.SplitShare, amount: Int64) {
    self.share = share
    self.amount = amount
  }

  /// The part of the tax office.
  package static func tax(_ amount: Int64) -> PaymentPart {
    PaymentPart(share: TypeV1.SplitShare(beneficiary: .taxOffice, weight: 1), amount: amount)
  }
}

/// One part of a payment, paid out.
package struct Payout: Sendable, Hashable {
  package let beneficiary: TypeV1.Beneficiary
  package let accountID: AccountID
  package let amount: Money
  package let transferID: TransferID
  /// How much of it was given back since, in minor units.
  package internal(set) var refunded: Int64

  package init(
    beneficiary: TypeV1.Beneficiary, accountID: AccountID, amount: Money, transferID: TransferID,
    refunded: Int64 = 0
  ) {
    self.beneficiary = beneficiary
    self.accountID = accountID
    self.amount = amount
    self.transferID = transferID
    self.refunded = refunded
  }

  /// What is left of it.
  package var rest: Int64 { amount.minorUnits - refunded }
}

/// One trade. It changes through the functions of `OrderRules` alone.
package struct Order: Sendable, Hashable {
  package let id: OrderID
  package let terms: OrderTerms
  package internal(set) var state: OrderState
  /// When the state ends by itself; nil when it is final.
  package internal(set) var dueTime: Timestamp?
  package internal(set) var agreement: Agreement?
  /// Nil unless it is a subscription that renews, and paid.
  package internal(set) var renewal: Renewal?
  package internal(set) var funding: Funding?
  package internal(set) var payouts: [Payout]
  package internal(set) var dispute: Dispute?
  /// Why it ended, for EXPIRED, CANCELLED and REFUNDED.
  package internal(set) var endReason: String
  package let createTime: Timestamp
  package internal(set) var updateTime: Timestamp

  package init(
    id: OrderID, terms: OrderTerms, state: OrderState, dueTime: Timestamp?,
    agreement: Agreement? = nil, renewal: Renewal? = nil, funding: Funding? = nil,
    payouts: [Payout] = [],
    dispute: Dispute? = nil, endReason: String = "", createTime: Timestamp, updateTime: Timestamp
  ) {
    self.id = id
    self.terms = terms
    self.state = state
    self.dueTime = dueTime
    self.agreement = agreement
    self.renewal = renewal
    self.funding = funding
    self.payouts = payouts
    self.dispute = dispute
    self.endReason = endReason
    self.createTime = createTime
    self.updateTime = updateTime
  }

  /// What the passing of time alone makes of it by `now`.
  package func deadlineEffect(at now: Timestamp) -> DeadlineEffect? {
    guard let dueTime, now >= dueTime else { return nil }
    switch state {
    case .placed, .awaitingFunds: return .expire
    case .escrowed, .delivering: return terms.isMetered ? .charge : .refund
    case .delivered: return .settle
    case .disputed: return dispute?.answer == nil ? .refund : .settle
    case .settled, .expired, .cancelled, .refunded, .partiallyRefunded: return nil
    }
  }

  /// The state at `now`, whether or not anyone has written down that a deadline passed.
  package func state(at now: Timestamp) -> OrderState {
    switch deadlineEffect(at: now) {
    case .expire: .expired
    case .refund: .refunded
    case .settle, .charge: .settled
    case nil: state
    }
  }

  /// Whether usage may be reported: from payment until the reports are closed and what was used is charged.
  package func isMeterOpen(at now: Timestamp) -> Bool {
    let state = state(at: now)
    return terms.isMetered && (state == .escrowed || state == .delivering)
  }

  /// What has to happen before it moves on, as a stable reason; empty when it is over.
  package func blockedBy(at now: Timestamp) -> String {
    let state = state(at: now)
    if isMeterOpen(at: now) { return "USAGE_PERIOD_OPEN" }
    guard state == .disputed, let dispute else { return state.blockedBy }
    return dispute.stage(at: now).blockedBy
  }

  /// Who moves it on.
  package func nextActor(at now: Timestamp) -> TypeV1.Actor {
    let state = state(at: now)
    if isMeterOpen(at: now) { return .exchange }
    guard state == .disputed, let dispute else { return state.nextActor }
    return dispute.stage(at: now).nextActor
  }

  /// By when the next actor acts, if there is a limit.
  package func nextDueTime(at now: Timestamp) -> Timestamp? {
    if state(at: now).isFinal { return nil }
    if let dispute, dispute.stage(at: now) == .awaitingReply { return dispute.replyDue }
    return dueTime
  }
}

/// What a deadline does when nobody acted before it.
package enum DeadlineEffect: Sendable, Hashable {
  /// The consumer did not pay.
  case expire
  /// The provider did not deliver, or did not answer an objection: what was paid goes back.
  case refund
  /// The time for reports of usage is over: what was used is paid, the rest goes back.
  case charge
  /// The consumer did not object, or no arbiter upheld the objection: what was paid goes out.
  case settle
}
