package import Model

/// How what moves in a window is paid. Raw values are those of the proto and of the database.
package enum SettlementModel: Int32, Sendable, CaseIterable {
  /// Money was there before it moved: nothing is left to pay.
  case gross = 1
  /// Members pay or get what they net to.
  case net

  package var name: String { "\(self)".uppercased() }
}

/// Where a window stands. Raw values are those of the proto and of the database.
package enum WindowState: Int32, Sendable, CaseIterable {
  case open = 1
  case closed
  case settling
  case settled
  case aborted

  package var name: String { "\(self)".uppercased() }
}

/// Whose windows follow each other: of one key, one is OPEN.
package struct WindowKey: Sendable, Hashable {
  package let currency: Currency
  package let environment: TypeV1.Environment
  package let model: SettlementModel

  package init(currency: Currency, environment: TypeV1.Environment, model: SettlementModel) {
    self.currency = currency
    self.environment = environment
    self.model = model
  }
}

/// What the rules need to know of a window's payments.
package struct LegSummary: Sendable, Hashable {
  package var payInsOpen = 0
  package var payOutsOpen = 0
  /// Pay-outs that a bank may have made.
  package var payOutsSent = 0

  package init(payInsOpen: Int = 0, payOutsOpen: Int = 0, payOutsSent: Int = 0) {
    self.payInsOpen = payInsOpen
    self.payOutsOpen = payOutsOpen
    self.payOutsSent = payOutsSent
  }

  package init(_ legs: [Leg]) {
    for leg in legs {
      switch leg.direction {
      case .payIn: if leg.state != .final { payInsOpen += 1 }
      case .payOut:
        if leg.state != .final { payOutsOpen += 1 }
        if leg.state != .pending { payOutsSent += 1 }
      }
    }
  }
}

/// The transfers between two moments, of one currency, environment and model. The windows of a key
/// tile the ledger: each begins with the transfer after the last one of the window before it, so that
/// a transfer's number is its stamp, set when money posts and never to be changed.
package struct ClearingWindow: Sendable, Hashable {
  package let id: WindowID
  package let key: WindowKey
  package let firstTransfer: Int64
  package let openTime: Timestamp
  /// Nil while OPEN.
  package private(set) var lastTransfer: Int64?
  package private(set) var state: WindowState
  /// By when pay-ins are due; set while SETTLING.
  package private(set) var dueTime: Timestamp?
  package private(set) var attempt: Int32
  /// Of the positions; nil while OPEN.
  package private(set) var digest: Digest?
  package private(set) var abortReason: String
  package private(set) var closeTime: Timestamp?
  package private(set) var settleTime: Timestamp?

  package init(
    id: WindowID, key: WindowKey, firstTransfer: Int64, openTime: Timestamp,
    lastTransfer: Int64? = nil, state: WindowState = .open, dueTime: Timestamp? = nil,
    attempt: Int32 = 0, digest: Digest? = nil, abortReason: String = "",
    closeTime: Timestamp? = nil, settleTime: Timestamp? = nil
  ) {
    self.id = id
    self.key = key
    self.firstTransfer = firstTransfer
    self.openTime = openTime
    self.lastTransfer = lastTransfer
    self.state = state
    self.dueTime = dueTime
    self.attempt = attempt
    self.digest = digest
    self.abortReason = abortReason
    self.closeTime = closeTime
    self.settleTime = settleTime
  }

  /// What an abort by time is called.
  package static let deadlineReason = "PAY_IN_MISSING"

  /// OPEN to CLOSED; a window that leaves nothing to pay is SETTLED at once.
  /// - Throws: `ClearingRule.windowState`.
  package mutating func close(
    lastTransfer last: Int64, digest: Digest, legs: LegSummary, at now: Timestamp
  ) throws(ClearingRule) {
    guard state == .open else { throw .windowState }
    precondition(last >= firstTransfer - 1, "a window ends where it begins or later")
    lastTransfer = last
    self.digest = digest
    closeTime = now
    state = .closed
    settleIfPaid(legs, at: now)
  }

  /// CLOSED to SETTLING.
  /// - Throws: `ClearingRule.windowState`.
  package mutating func start(payInSeconds: Int64, at now: Timestamp) throws(ClearingRule) {
    guard state == .closed else { throw .windowState }
    state = .settling
    attempt += 1
    dueTime = now.adding(seconds: payInSeconds)
  }

  /// SETTLING to ABORTED. Money that may have left cannot be called back: then the only way is on.
  /// - Throws: `ClearingRule.windowState`, `.payOutsSent`.
  package mutating func abort(because reason: String, _ legs: LegSummary) throws(ClearingRule) {
    guard state == .settling else { throw .windowState }
    guard legs.payOutsSent == 0 else { throw .payOutsSent }
    state = .aborted
    dueTime = nil
    abortReason = reason
  }

  /// ABORTED to CLOSED. Pay-ins that are final stay so.
  /// - Throws: `ClearingRule.windowState`.
  package mutating func reopen() throws(ClearingRule) {
    guard state == .aborted else { throw .windowState }
    state = .closed
  }

  /// Whether a payment may become final now. Money that comes in is taken even after an abort; money
  /// goes out only once all has come in.
  /// - Throws: `ClearingRule.windowState`, `.payInsMissing`.
  package func requireFinal(
    _ direction: LegDirection, _ legs: LegSummary
  ) throws(ClearingRule) {
    switch direction {
    case .payIn: guard state == .settling || state == .aborted else { throw .windowState }
    case .payOut: try requirePayOuts(legs)
    }
  }

  /// Whether payments of a direction may be sent to a bank now.
  /// - Throws: `ClearingRule.windowState`, `.payInsMissing`.
  package func requireSending(
    _ direction: LegDirection, _ legs: LegSummary
  ) throws(ClearingRule) {
    switch direction {
    case .payIn: guard state == .settling else { throw .windowState }
    case .payOut: try requirePayOuts(legs)
    }
  }

  private func requirePayOuts(_ legs: LegSummary) throws(ClearingRule) {
    guard state == .settling else { throw .windowState }
    guard legs.payInsOpen == 0 else { throw .payInsMissing }
  }

  /// After a payment became final: SETTLED with the last one; no deadline once all pay-ins are there.
  package mutating func paymentBecameFinal(_ legs: LegSummary, at now: Timestamp) {
    guard state == .settling else { return }
    if legs.payInsOpen == 0 { dueTime = nil }
    settleIfPaid(legs, at: now)
  }

  private mutating func settleIfPaid(_ legs: LegSummary, at now: Timestamp) {
    guard legs.payInsOpen == 0, legs.payOutsOpen == 0 else { return }
    state = .settled
    dueTime = nil
    settleTime = now
  }

  /// Lets the deadline for pay-ins pass if it is due: SETTLING to ABORTED when one is missing.
  /// - Returns: whether the window was aborted.
  package mutating func passDeadline(_ legs: LegSummary, at now: Timestamp) -> Bool {
    guard state == .settling, let dueTime, now >= dueTime, legs.payInsOpen > 0,
      legs.payOutsSent == 0
    else { return false }
    state = .aborted
    self.dueTime = nil
    abortReason = Self.deadlineReason
    return true
  }

  /// What it waits for; empty when it is over.
  package func blockedBy(_ legs: LegSummary) -> String {
    switch state {
    case .open: "CLOSE"
    case .closed: "START"
    case .settling: legs.payInsOpen > 0 ? "PAY_INS" : "PAY_OUTS"
    case .settled: ""
    case .aborted: "REOPEN"
    }
  }

  package func nextActor(_ legs: LegSummary) -> TypeV1.Actor {
    switch state {
    case .open, .closed, .aborted: .clearingOfficer
    case .settling: legs.payInsOpen > 0 ? .participant : .clearingOfficer
    case .settled: .unspecified
    }
  }
}
