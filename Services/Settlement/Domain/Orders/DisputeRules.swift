package import Model

/// Why a step of a dispute is refused. The raw value is the stable reason.
package enum DisputeRule: String, Sendable, CaseIterable {
  case notYourTurn = "DISPUTE_NOT_YOUR_TURN"
  case arbiterIsParty = "ARBITER_IS_PARTY"
  case outcomeNotADecision = "DISPUTE_OUTCOME_NOT_A_DECISION"
  case refundOutOfRange = "REFUND_OUT_OF_RANGE"

  package var status: StatusCode {
    switch self {
    case .notYourTurn, .outcomeNotADecision: .failedPrecondition
    case .arbiterIsParty: .permissionDenied
    case .refundOutOfRange: .outOfRange
    }
  }

  /// What people read when this rule refuses.
  package var text: Text {
    switch self {
    case .notYourTurn:
      Text(
        vi: "Chưa đến lượt bạn trong vụ tranh chấp này.",
        en: "It is not your turn in this dispute.")
    case .arbiterIsParty:
      Text(
        vi: "Trọng tài không được là một bên của đơn hàng hoặc bên được chia tiền.",
        en: "The arbiter may not be a party of the order, nor share in its price.")
    case .outcomeNotADecision:
      Text(
        vi: "Trọng tài chỉ quyết định hoàn tiền toàn bộ, một phần hoặc không hoàn tiền.",
        en: "An arbiter decides on a full refund, a partial one or none.")
    case .refundOutOfRange:
      Text(
        vi: "Số tiền hoàn một phần phải lớn hơn 0 và nhỏ hơn số đã trả; nếu không thì là 0.",
        en: "A partial refund is above 0 and below what was paid; otherwise the amount is 0.")
    }
  }
}

extension Order {
  /// The consumer objects within the acceptance window: DELIVERED to DISPUTED.
  package mutating func raiseDispute(
    _ reason: DisputeReason, _ objection: DisputeStatement, deadlines: OrderDeadlines,
    at now: Timestamp
  ) throws(SettlementError) {
    try require(.delivered, to: .raiseDispute, at: now)
    dispute = Dispute(reason: reason, objection: objection)
    move(to: .disputed, until: now.adding(seconds: deadlines.answerSeconds), at: now)
  }

  /// The provider answers, or the consumer replies to the answer.
  package mutating func respond(
    _ statement: DisputeStatement, by participant: ParticipantID, deadlines: OrderDeadlines,
    at now: Timestamp
  ) throws(SettlementError) {
    try require(.disputed, to: .respondDispute, at: now)
    switch (dispute?.stage(at: now), participant) {
    case (.awaitingAnswer, terms.providerID):
      let replyDue = now.adding(seconds: deadlines.replySeconds)
      dispute?.answer = statement
      dispute?.replyDue = replyDue
      move(to: .disputed, until: replyDue.adding(seconds: deadlines.decisionSeconds), at: now)
    case (.awaitingReply, terms.consumerID):
      dispute?.reply = statement
      move(to: .disputed, until: now.adding(seconds: deadlines.decisionSeconds), at: now)
    default: throw .dispute(.notYourTurn)
    }
  }

  /// Checks that this may be decided now. An arbiter may decide once the provider has answered and the
  /// consumer has replied or had the time to.
  package func check(_ decision: Decision, at now: Timestamp) throws(SettlementError) {
    try require(.disputed, to: .resolveDispute, at: now)
    let interested =
      [terms.consumerID, terms.providerID] + terms.split.compactMap { $0.participantID }
    if interested.contains(decision.arbiterID) { throw .dispute(.arbiterIsParty) }
    guard dispute?.stage(at: now) == .awaitingDecision else { throw .dispute(.notYourTurn) }
    let total = terms.total?.minorUnits ?? 0
    switch decision.outcome {
    case .partialRefund:
      guard decision.refund > 0, decision.refund < total else {
        throw .dispute(.refundOutOfRange)
      }
    case .fullRefund, .noRefund:
      guard decision.refund == 0 else { throw .dispute(.refundOutOfRange) }
    case .unanswered, .undecided, .conceded, .withdrawn:
      throw .dispute(.outcomeNotADecision)
    }
  }

  /// An arbiter has decided, and the money has moved as decided.
  package mutating func resolve(_ decision: Decision, _ payouts: [Payout], at now: Timestamp) {
    precondition(state == .disputed, "only a disputed order is decided")
    dispute?.decision = decision
    self.payouts = payouts
    switch decision.outcome {
    case .fullRefund:
      end(as: .refunded, because: "DISPUTE_UPHELD", at: now)
    case .partialRefund:
      endReason = "DISPUTE_UPHELD_IN_PART"
      move(to: .partiallyRefunded, until: nil, at: now)
    default:
      move(to: .settled, until: nil, at: now)
    }
    closeDispute(decision.outcome, at: now)
  }

  /// What the dispute gave back; nil when it gave nothing.
  package var refundedInDispute: Money? {
    guard let total = terms.total, let dispute else { return nil }
    switch dispute.outcome {
    case .fullRefund, .unanswered, .conceded: return total
    case .partialRefund:
      return dispute.decision.map { Money(currency: total.currency, minorUnits: $0.refund) }
    case .noRefund, .undecided, .withdrawn, nil: return nil
    }
  }

  mutating func closeDispute(_ outcome: DisputeOutcome, at now: Timestamp) {
    guard dispute != nil, dispute?.outcome == nil else { return }
    dispute?.outcome = outcome
    dispute?.endTime = now
  }
}
