package import Model

/// Where an order stands. Raw values are those of the proto and of the database.
package enum OrderState: Int32, Sendable, CaseIterable {
  case placed = 1
  case awaitingFunds
  case escrowed
  case delivering
  case delivered
  case settled
  case expired
  case cancelled
  case refunded
  case disputed
  case partiallyRefunded

  /// Whether the order never changes again.
  package var isFinal: Bool {
    switch self {
    case .settled, .expired, .cancelled, .refunded, .partiallyRefunded: true
    case .placed, .awaitingFunds, .escrowed, .delivering, .delivered, .disputed: false
    }
  }

  /// What has to happen before it moves on, as a stable reason; empty when it is final.
  package var blockedBy: String {
    switch self {
    case .placed: "PLACEMENT"
    case .awaitingFunds: "FUNDS_REQUIRED"
    case .escrowed: "GRANT_REQUIRED"
    case .delivering: "RECEIPT_REQUIRED"
    case .delivered: "ACCEPTANCE_REQUIRED"
    case .disputed: "DECISION_REQUIRED"
    case .settled, .expired, .cancelled, .refunded, .partiallyRefunded: ""
    }
  }

  /// Who moves it on.
  package var nextActor: TypeV1.Actor {
    switch self {
    case .placed: .exchange
    case .awaitingFunds, .escrowed, .delivered: .consumer
    case .delivering: .provider
    case .disputed: .arbiter
    case .settled, .expired, .cancelled, .refunded, .partiallyRefunded: .unspecified
    }
  }

  /// The stable name, UPPER_SNAKE.
  package var name: String {
    switch self {
    case .placed: "PLACED"
    case .awaitingFunds: "AWAITING_FUNDS"
    case .escrowed: "ESCROWED"
    case .delivering: "DELIVERING"
    case .delivered: "DELIVERED"
    case .settled: "SETTLED"
    case .expired: "EXPIRED"
    case .cancelled: "CANCELLED"
    case .refunded: "REFUNDED"
    case .disputed: "DISPUTED"
    case .partiallyRefunded: "PARTIALLY_REFUNDED"
    }
  }
}

/// What somebody wants to do with an order.
package enum OrderAction: String, Sendable, CaseIterable {
  case fund = "FUND"
  case cancel = "CANCEL"
  case issueGrant = "ISSUE_GRANT"
  case confirmDelivery = "CONFIRM_DELIVERY"
  case acceptDelivery = "ACCEPT_DELIVERY"
  case raiseDispute = "RAISE_DISPUTE"
  case respondDispute = "RESPOND_DISPUTE"
  case resolveDispute = "RESOLVE_DISPUTE"
  case suspendAgreement = "SUSPEND_AGREEMENT"
  case resumeAgreement = "RESUME_AGREEMENT"
  case terminateAgreement = "TERMINATE_AGREEMENT"
  case renew = "RENEW"
  case refund = "REFUND"
}

/// Whether an agreement counts. Raw values are those of the proto and of the database.
package enum AgreementState: Int32, Sendable, CaseIterable {
  case active = 1
  case suspended
  case expired
  case terminated
}

/// The right to fetch that an order creates.
package struct Agreement: Sendable, Hashable {
  package let id: AgreementID
  package var state: AgreementState
  package internal(set) var validUntil: Timestamp
  /// Who suspended it; nil unless SUSPENDED.
  package var suspendedBy: AgreementParty?
  /// Whether somebody whom the data are about has stopped their use for now, whatever the parties do.
  package var isPaused: Bool

  package init(
    id: AgreementID, state: AgreementState = .active, validUntil: Timestamp,
    suspendedBy: AgreementParty? = nil, isPaused: Bool = false
  ) {
    self.id = id
    self.state = state
    self.validUntil = validUntil
    self.suspendedBy = suspendedBy
    self.isPaused = isPaused
  }

  /// What it is, time aside: suspended by a party or by somebody's pause.
  package var effectiveState: AgreementState {
    state == .active && isPaused ? .suspended : state
  }

  /// What it is at `now`, whether or not anyone has written down that it ended.
  package func state(at now: Timestamp) -> AgreementState {
    let canExpire = state == .active || state == .suspended
    return canExpire && now >= validUntil ? .expired : effectiveState
  }
}
