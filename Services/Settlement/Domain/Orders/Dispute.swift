package import Model

/// What a consumer objects to. Raw values are those of the proto and of the database.
package enum DisputeReason: Int32, Sendable, CaseIterable {
  case notAsDescribed = 1
  case incomplete
  case unusable
  case unlawful
  case other
}

/// How a dispute ended. Raw values are those of the proto and of the database.
package enum DisputeOutcome: Int32, Sendable, CaseIterable {
  case fullRefund = 1
  case partialRefund
  case noRefund
  /// The provider said nothing in time: the money goes back.
  case unanswered
  /// No arbiter decided in time: the receipt that both ends signed counts.
  case undecided
  /// The provider gave in.
  case conceded
  /// The consumer accepted after all.
  case withdrawn

  /// The stable name, UPPER_SNAKE.
  package var name: String {
    switch self {
    case .fullRefund: "FULL_REFUND"
    case .partialRefund: "PARTIAL_REFUND"
    case .noRefund: "NO_REFUND"
    case .unanswered: "UNANSWERED"
    case .undecided: "UNDECIDED"
    case .conceded: "CONCEDED"
    case .withdrawn: "WITHDRAWN"
    }
  }
}

/// Whose turn it is in a dispute.
package enum DisputeStage: Sendable, Hashable {
  case awaitingAnswer
  case awaitingReply
  case awaitingDecision

  /// What has to happen, as a stable reason.
  package var blockedBy: String {
    switch self {
    case .awaitingAnswer: "ANSWER_REQUIRED"
    case .awaitingReply: "REPLY_POSSIBLE"
    case .awaitingDecision: "DECISION_REQUIRED"
    }
  }

  package var nextActor: TypeV1.Actor {
    switch self {
    case .awaitingAnswer: .provider
    case .awaitingReply: .consumer
    case .awaitingDecision: .arbiter
    }
  }
}

/// What one side says, with SHA-256 digests of the documents that prove it.
package struct DisputeStatement: Sendable, Hashable {
  package let text: String
  package let evidence: [Digest]
  package let createTime: Timestamp

  package init(text: String, evidence: [Digest], createTime: Timestamp) {
    self.text = text
    self.evidence = evidence
    self.createTime = createTime
  }
}

/// What an arbiter says.
package struct Decision: Sendable, Hashable {
  package let arbiterID: ParticipantID
  package let outcome: DisputeOutcome
  /// What goes back in a PARTIAL_REFUND, in minor units; 0 otherwise.
  package let refund: Int64
  package let explanation: String

  package init(
    arbiterID: ParticipantID, outcome: DisputeOutcome, refund: Int64, explanation: String
  ) {
    self.arbiterID = arbiterID
    self.outcome = outcome
    self.refund = refund
    self.explanation = explanation
  }
}

/// An objection to a delivery: the provider answers or loses, the consumer may reply, an arbiter
/// decides. It changes through the functions of `Order` alone.
package struct Dispute: Sendable, Hashable {
  package let reason: DisputeReason
  package let objection: DisputeStatement
  package internal(set) var answer: DisputeStatement?
  /// Until when the consumer may reply; set by the answer.
  package internal(set) var replyDue: Timestamp?
  package internal(set) var reply: DisputeStatement?
  package internal(set) var decision: Decision?
  package internal(set) var outcome: DisputeOutcome?
  package internal(set) var endTime: Timestamp?

  package init(
    reason: DisputeReason, objection: DisputeStatement, answer: DisputeStatement? = nil,
    replyDue: Timestamp? = nil, reply: DisputeStatement? = nil, decision: Decision? = nil,
    outcome: DisputeOutcome? = nil, endTime: Timestamp? = nil
  ) {
    self.reason = reason
    self.objection = objection
    self.answer = answer
    self.replyDue = replyDue
    self.reply = reply
    self.decision = decision
    self.outcome = outcome
    self.endTime = endTime
  }

  /// Whose turn it is at `now`: a reply that was not given in time is not waited for.
  package func stage(at now: Timestamp) -> DisputeStage {
    guard answer != nil, let replyDue else { return .awaitingAnswer }
    return reply == nil && now < replyDue ? .awaitingReply : .awaitingDecision
  }
}
