package import Model

/// Who acts on an agreement.
package enum AgreementParty: Int32, Sendable, CaseIterable {
  case consumer = 1
  case provider
  /// A security officer or an arbiter.
  case exchange
}

extension Order {
  /// Which side `participant` is of this order, if it may act on the agreement; staff act for the exchange
  /// even when their own participant trades.
  package func agreementParty(
    _ participant: ParticipantID, roles: Set<TypeV1.Role>
  ) -> AgreementParty? {
    if !roles.isDisjoint(with: [.securityOfficer, .arbiter]) { return .exchange }
    if participant == terms.providerID { return .provider }
    return participant == terms.consumerID ? .consumer : nil
  }

  /// Grants count no more until it is resumed. What the exchange suspends stays with the exchange.
  package mutating func suspendAgreement(
    by party: AgreementParty, at now: Timestamp
  ) throws(SettlementError) {
    let current = try liveAgreement(for: .suspendAgreement, at: now)
    guard current.state == .active || (party == .exchange && current.suspendedBy != .exchange)
    else {
      throw .agreementNotActive(current.state)
    }
    agreement?.state = .suspended
    agreement?.suspendedBy = party
    touch(at: now)
  }

  /// Grants may be issued and used again.
  package mutating func resumeAgreement(
    by party: AgreementParty, at now: Timestamp
  ) throws(SettlementError) {
    let current = try liveAgreement(for: .resumeAgreement, at: now)
    guard current.state == .suspended else {
      throw current.isPaused ? .gate(.consentPaused) : .agreementNotSuspended
    }
    if current.suspendedBy == .exchange && party != .exchange { throw .suspendedByExchange }
    agreement?.state = .active
    agreement?.suspendedBy = nil
    touch(at: now)
  }

  /// Ends the agreement for good. Before delivery the order ends with it, refunded in full; afterwards
  /// its money goes on by its own rules. The consumer may only forgo what was delivered; but either side
  /// closes the period of an order by usage, which is then charged when its reports have had their time.
  /// Says whether money has to go back.
  package mutating func terminateAgreement(
    by party: AgreementParty, because reason: String, deadlines: OrderDeadlines, at now: Timestamp
  ) throws(SettlementError) -> Bool {
    _ = try liveAgreement(for: .terminateAgreement, at: now)
    switch state {
    case .escrowed where terms.isMetered, .delivering where terms.isMetered:
      endAgreement()
      let reportsEnd = now.adding(seconds: deadlines.reportSeconds)
      move(to: state, until: min(dueTime ?? reportsEnd, reportsEnd), at: now)
      return false
    case .escrowed, .delivering:
      guard party != .consumer else { throw .orderState(state, .terminateAgreement) }
      end(as: .refunded, because: reason, at: now)
      return funding != nil
    default:
      endAgreement()
      touch(at: now)
      return false
    }
  }

  private func liveAgreement(
    for action: OrderAction, at now: Timestamp
  ) throws(SettlementError) -> Agreement {
    try require(
      .escrowed, .delivering, .delivered, .disputed, .settled, .partiallyRefunded, to: action,
      at: now)
    guard let agreement else { throw .orderState(state, action) }
    let current = agreement.state(at: now)
    guard current == .active || current == .suspended else { throw .agreementNotActive(current) }
    return agreement
  }
}
