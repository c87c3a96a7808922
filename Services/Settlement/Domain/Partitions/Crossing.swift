package import Model

/// How far money on its way to another partition has come. Raw values are those of the proto and of the database.
package enum CrossingState: Int32, Sendable, CaseIterable {
  /// Held here; the other side has not decided.
  case held = 1
  /// The other side has credited, and the hold is captured here.
  case credited
  /// The other side knows that.
  case confirmed
  /// The other side has refused, and the hold is released here.
  case returned

  /// Whether nothing more happens.
  package var isFinal: Bool { self == .confirmed || self == .returned }
}

/// Money on its way from this partition to another. The hold has no expiry, and the other side's decision is
/// recorded for good before this side acts on it: so no clock can come between the two.
package struct Crossing: Sendable, Hashable {
  /// The hold here; the credit has the same id there.
  package let id: TransferID
  /// The partition it goes to.
  package let destination: String
  package let debitAccountID: AccountID
  package let receiverID: ParticipantID
  /// The receiver's account there; nil for its oldest open one.
  package let creditAccountID: AccountID?
  package let amount: Money
  package let environment: TypeV1.Environment
  package let orderID: OrderID?
  package private(set) var state: CrossingState
  /// The stable reason of the refusal; empty unless it was returned.
  package private(set) var refusalReason: String
  package let createTime: Timestamp
  package private(set) var updateTime: Timestamp

  package init(
    id: TransferID, destination: String, debitAccountID: AccountID, receiverID: ParticipantID,
    creditAccountID: AccountID? = nil, amount: Money, environment: TypeV1.Environment,
    orderID: OrderID? = nil, state: CrossingState = .held, refusalReason: String = "",
    createTime: Timestamp, updateTime: Timestamp? = nil
  ) {
    self.id = id
    self.destination = destination
    self.debitAccountID = debitAccountID
    self.receiverID = receiverID
    self.creditAccountID = creditAccountID
    self.amount = amount
    self.environment = environment
    self.orderID = orderID
    self.state = state
    self.refusalReason = refusalReason
    self.createTime = createTime
    self.updateTime = updateTime ?? createTime
  }

  /// What to do with the hold once the other side has decided; nil when that was done before.
  package mutating func decided(_ decision: CrossingDecision, at now: Timestamp) -> TransferKind? {
    guard state == .held else { return nil }
    touch(at: now)
    switch decision {
    case .credited:
      state = .credited
      return .capture
    case .refused(let reason):
      state = .returned
      refusalReason = reason
      return .release
    }
  }

  /// Notes that the other side knows of the capture. False when that was noted before.
  package mutating func confirm(at now: Timestamp) -> Bool {
    guard state == .credited else { return false }
    state = .confirmed
    touch(at: now)
    return true
  }

  /// A clock that was set back does not hold money up.
  private mutating func touch(at now: Timestamp) { updateTime = max(updateTime, now) }
}

/// What the receiving side decided, once and for good.
package enum CrossingDecision: Sendable, Hashable {
  case credited
  /// The ledger's stable reason.
  case refused(String)
}

/// A crossing as the receiving side remembers it.
package struct ReceivedCrossing: Sendable, Hashable {
  package let id: TransferID
  /// The partition it came from.
  package let origin: String
  package let receiverID: ParticipantID
  package let creditAccountID: AccountID?
  package let amount: Money
  package let environment: TypeV1.Environment
  package let orderID: OrderID?
  package let decision: CrossingDecision
  /// Whether the origin has said that it captured the money.
  package let isConfirmed: Bool

  package init(
    id: TransferID, origin: String, receiverID: ParticipantID, creditAccountID: AccountID?,
    amount: Money, environment: TypeV1.Environment, orderID: OrderID?, decision: CrossingDecision,
    isConfirmed: Bool = false
  ) {
    self.id = id
    self.origin = origin
    self.receiverID = receiverID
    self.creditAccountID = creditAccountID
    self.amount = amount
    self.environment = environment
    self.orderID = orderID
    self.decision = decision
    self.isConfirmed = isConfirmed
  }

  /// Whether both say the same of the money, whatever was decided.
  package func isSame(as other: ReceivedCrossing) -> Bool {
    id == other.id && origin == other.origin && receiverID == other.receiverID
      && creditAccountID == other.creditAccountID && amount == other.amount
      && environment == other.environment && orderID == other.orderID
  }
}
