import Crypto
package import Model

/// Who pays. Raw values are those of the proto and of the database.
package enum LegDirection: Int32, Sendable, CaseIterable {
  /// The member pays the exchange.
  case payIn = 1
  /// The exchange pays the member.
  case payOut

  package var name: String { self == .payIn ? "PAY_IN" : "PAY_OUT" }
}

/// Where a payment stands. Raw values are those of the proto and of the database.
package enum LegState: Int32, Sendable, CaseIterable {
  case pending = 1
  case sent
  case final
}

/// The one payment by which a member settles a window.
package struct Leg: Sendable, Hashable {
  package let windowID: WindowID
  package let memberID: ParticipantID
  package let accountID: AccountID
  package let direction: LegDirection
  /// Minor units, positive.
  package let amount: Int64
  /// What a pay-out has set aside on the member's account, once it has.
  package var holdID: TransferID?
  package private(set) var state: LegState
  /// Why a bank set it back last.
  package private(set) var lastReason: String
  package private(set) var bankReference: String
  package private(set) var finalTime: Timestamp?

  package init(
    windowID: WindowID, memberID: ParticipantID, accountID: AccountID, direction: LegDirection,
    amount: Int64, holdID: TransferID? = nil, state: LegState = .pending, lastReason: String = "",
    bankReference: String = "", finalTime: Timestamp? = nil
  ) {
    self.windowID = windowID
    self.memberID = memberID
    self.accountID = accountID
    self.direction = direction
    self.amount = amount
    self.holdID = holdID
    self.state = state
    self.lastReason = lastReason
    self.bankReference = bankReference
    self.finalTime = finalTime
  }

  /// The payment that settles a position; nil when it nets to zero.
  package init?(settling position: Position, of member: ParticipantID, in window: WindowID) {
    guard position.net != 0 else { return nil }
    self.init(
      windowID: window, memberID: member, accountID: position.accountID,
      direction: position.net < 0 ? .payIn : .payOut, amount: abs(position.net))
  }

  /// What names the payment in every file, the same whenever it is sent: `NDXL` (live) or `NDXS`
  /// (sandbox) and the first 31 hexadecimal digits of SHA-256 over window and member: 35 characters,
  /// the most that ISO 20022 allows (Max35Text).
  package func endToEndID(_ environment: TypeV1.Environment) -> String {
    var hasher = SHA256()
    hasher.update("ndx-clearing-leg-v1\n\(windowID)\n\(memberID)\n".utf8)
    return Self.prefix(of: environment) + hasher.finalize().hex.prefix(31)
  }

  /// What references of an environment begin with.
  package static func prefix(of environment: TypeV1.Environment) -> String {
    environment == .live ? "NDXL" : "NDXS"
  }

  package mutating func send() {
    if state == .pending { state = .sent }
  }

  /// Takes it back: it is to be sent again.
  package mutating func setBack(because reason: String) {
    guard state != .final else { return }
    state = .pending
    lastReason = reason
  }

  /// - Throws: `ClearingRule.legFinal` when it is final already.
  package mutating func finish(
    _ reference: String, at now: Timestamp
  ) throws(ClearingRule) {
    guard state != .final else { throw .legFinal }
    state = .final
    bankReference = reference
    finalTime = now
  }
}
