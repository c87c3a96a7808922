package import Model

/// The transitions of an order. Each checks that it is legal at the time given and either changes the
/// order or throws `SettlementError.orderState`. Money is moved by the caller, in the same transaction.
extension Order {
  /// A new order: free ones go on to DELIVERING at once, others wait for money.
  package static func place(
    id: OrderID, agreementID: AgreementID, terms: OrderTerms, deadlines: OrderDeadlines,
    at now: Timestamp
  ) -> Order {
    var order = Order(
      id: id, terms: terms, state: .placed, dueTime: now, createTime: now, updateTime: now)
    if terms.price == nil {
      order.openAgreement(agreementID, deadlines, at: now)
      order.move(to: .delivering, until: now.adding(seconds: deadlines.deliverySeconds), at: now)
    } else {
      order.move(to: .awaitingFunds, until: now.adding(seconds: deadlines.fundingSeconds), at: now)
    }
    return order
  }

  /// The money is in escrow: AWAITING_FUNDS to ESCROWED.
  package mutating func fund(
    _ funding: Funding, agreementID: AgreementID, deadlines: OrderDeadlines, at now: Timestamp
  ) throws(SettlementError) {
    try requireFundable(at: now)
    self.funding = funding
    openAgreement(agreementID, deadlines, at: now)
    let reportsEnd = agreement?.validUntil.adding(seconds: deadlines.reportSeconds)
    let due = terms.isMetered ? reportsEnd : now.adding(seconds: deadlines.deliverySeconds)
    move(to: .escrowed, until: due, at: now)
  }

  /// Calls the order off: the consumer before it is paid, the provider with a full refund until it
  /// is delivered, or by giving in to a dispute. Says whether money has to go back.
  package mutating func cancel(
    by participant: ParticipantID, because reason: String, at now: Timestamp
  ) throws(SettlementError) -> Bool {
    if participant == terms.consumerID {
      try require(.awaitingFunds, to: .cancel, at: now)
      end(as: .cancelled, because: reason, at: now)
      return false
    }
    try require(.escrowed, .delivering, .disputed, to: .cancel, at: now)
    closeDispute(.conceded, at: now)
    end(as: .refunded, because: reason, at: now)
    return funding != nil
  }

  /// A grant is to be issued: ESCROWED to DELIVERING. Later states stay; the consumer may fetch again
  /// while the agreement lasts.
  package mutating func noteGrant(at now: Timestamp) throws(SettlementError) -> Agreement {
    try require(
      .escrowed, .delivering, .delivered, .settled, .partiallyRefunded, to: .issueGrant, at: now)
    guard let agreement else { throw .orderState(state, .issueGrant) }
    let agreementState = agreement.state(at: now)
    guard agreementState == .active else { throw .agreementNotActive(agreementState) }
    if state == .escrowed { move(to: .delivering, until: dueTime, at: now) }
    return agreement
  }

  /// Both ends have signed the receipt: DELIVERING to DELIVERED.
  package mutating func deliver(
    deadlines: OrderDeadlines, at now: Timestamp
  ) throws(SettlementError) {
    try requireDeliverable(at: now)
    move(to: .delivered, until: now.adding(seconds: deadlines.acceptanceSeconds), at: now)
  }

  /// Checks that the consumer may pay now.
  package func requireFundable(at now: Timestamp) throws(SettlementError) {
    try require(.awaitingFunds, to: .fund, at: now)
  }

  /// Checks that a receipt may come now.
  package func requireDeliverable(at now: Timestamp) throws(SettlementError) {
    try require(.delivering, to: .confirmDelivery, at: now)
  }

  /// Checks that the consumer may accept now; doing so withdraws a dispute.
  package func requireAcceptable(at now: Timestamp) throws(SettlementError) {
    try require(.delivered, .disputed, to: .acceptDelivery, at: now)
  }

  /// What was used is paid: ESCROWED or DELIVERING to SETTLED.
  package mutating func settleUsage(_ payouts: [Payout], at now: Timestamp) {
    precondition(terms.isMetered && !state.isFinal && funding != nil, "only usage is charged")
    self.payouts = payouts
    move(to: .settled, until: nil, at: now)
  }

  /// The money went out: DELIVERED or DISPUTED to SETTLED.
  /// - Parameter outcome: how a dispute ended by it, if there was one.
  package mutating func settle(
    _ payouts: [Payout], endingDispute outcome: DisputeOutcome, at now: Timestamp
  ) {
    precondition(state == .delivered || state == .disputed, "only a delivered order settles")
    closeDispute(outcome, at: now)
    self.payouts = payouts
    move(to: .settled, until: nil, at: now)
  }

  /// Ends the order as its deadline demands; the caller moves the money of a refund. Settlement
  /// goes through `settle`, because it needs the payouts.
  package mutating func passDeadline(_ effect: DeadlineEffect, at now: Timestamp) {
    switch effect {
    case .expire: end(as: .expired, because: "FUNDING_OVERDUE", at: now)
    case .refund:
      let reason = state == .disputed ? "ANSWER_OVERDUE" : "DELIVERY_OVERDUE"
      closeDispute(.unanswered, at: now)
      end(as: .refunded, because: reason, at: now)
    case .settle, .charge: preconditionFailure("a settlement needs its payouts")
    }
  }

  /// Everybody's part of what was paid: the shares of the split, then the tax. They sum to the total.
  package var parts: [PaymentPart] {
    parts(price: terms.price?.minorUnits ?? 0, tax: terms.tax?.amount.minorUnits)
  }

  /// Everybody's part of what a meter comes to, within the cap, with the tax on it.
  package func parts(of meter: UsageMeter) -> [PaymentPart] {
    guard let pricing = terms.pricing, terms.isMetered else { return [] }
    let price = UsagePrice.amount(of: meter, at: pricing)
    return parts(
      price: price,
      tax: terms.tax.map {
        ValueAddedTax.amount(on: price, rateBasisPoints: $0.rateBasisPoints)
      })
  }

  /// Everybody's part of a period that is paid by renewing, with the tax of that moment.
  package func parts(taxedBy tax: OrderTax) -> [PaymentPart] {
    parts(price: terms.price?.minorUnits ?? 0, tax: tax.amount.minorUnits)
  }

  private func parts(price: Int64, tax: Int64?) -> [PaymentPart] {
    guard !terms.split.isEmpty else { return [] }
    let amounts = LargestRemainder.split(price, by: terms.split.map { Int64($0.weight) })
    let shares = zip(terms.split, amounts).map { PaymentPart(share: $0, amount: $1) }
    return tax.map { shares + [.tax($0)] } ?? shares
  }

  func require(
    _ allowed: OrderState..., to action: OrderAction, at now: Timestamp
  ) throws(SettlementError) {
    let current = state(at: now)
    guard allowed.contains(current) else { throw .orderState(current, action) }
  }

  private mutating func openAgreement(
    _ id: AgreementID, _ deadlines: OrderDeadlines, at now: Timestamp
  ) {
    // A payment for a period buys the right to fetch for that period.
    let paid = terms.pricing?.period?.end(after: now)
    let end = paid ?? now.adding(seconds: deadlines.agreementSeconds)
    agreement = Agreement(id: id, validUntil: endOfConsents(orBefore: end))
    if let paid, terms.renews { openRenewal(until: paid, deadlines.renewal, at: now) }
  }

  /// The order changed within its state.
  mutating func touch(at now: Timestamp) { move(to: state, until: dueTime, at: now) }

  mutating func move(to next: OrderState, until due: Timestamp?, at now: Timestamp) {
    state = next
    dueTime = due
    // The machine's clock may have been set back.
    updateTime = max(updateTime, now)
  }

  mutating func end(as next: OrderState, because reason: String, at now: Timestamp) {
    endAgreement()
    endReason = reason
    move(to: next, until: nil, at: now)
  }
}
