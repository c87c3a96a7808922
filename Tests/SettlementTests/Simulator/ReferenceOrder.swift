import Model

/// One trade, as the design describes it.
struct ReferenceOrder {
  typealias State = SettlementV1.OrderState

  struct Share {
    let weight: Int64
    let account: AccountID
  }

  struct Dispute {
    var isAnswered = false
    var replyDue: Timestamp?
    var isReplied = false

    func awaitsReply(at now: Timestamp) -> Bool {
      isAnswered && !isReplied && replyDue.map { now < $0 } ?? false
    }
  }

  let id: OrderID
  let consumer: Int
  let provider: Int
  /// 0 when it is free.
  let price: Int64
  let tax: Int64
  let shares: [Share]
  let created: Timestamp
  var state: State
  var due: Timestamp?
  var payer: AccountID?
  var agreement: SettlementV1.AgreementState?
  var isSuspendedByExchange = false
  var agreementEnds: Timestamp?
  var dispute: Dispute?
  var refund: Int64 = 0
  var payouts: [Int64] = []

  var total: Int64 { price + tax }
  var isFree: Bool { price == 0 }

  static let final: Set<State> = [.settled, .expired, .cancelled, .refunded, .partiallyRefunded]

  /// What it is at a time, whether or not anybody has written that down.
  func state(at now: Timestamp) -> State {
    guard let due, now >= due else { return state }
    switch state {
    case .awaitingFunds: return .expired
    case .escrowed, .delivering: return .refunded
    case .delivered: return .settled
    case .disputed: return dispute?.isAnswered == true ? .settled : .refunded
    default: return state
    }
  }

  func agreement(at now: Timestamp) -> SettlementV1.AgreementState? {
    guard let agreement, let agreementEnds else { return agreement }
    let isLive = agreement == .active || agreement == .suspended
    return isLive && now >= agreementEnds ? .expired : agreement
  }

  func due(at now: Timestamp) -> Timestamp? {
    if Self.final.contains(state(at: now)) { return nil }
    if let dispute, dispute.awaitsReply(at: now) { return dispute.replyDue }
    return due
  }

  /// Everybody's part of what was paid, the tax last.
  var parts: [Int64] {
    guard !isFree else { return [] }
    return ReferenceDivision.parts(of: price, by: shares.map(\.weight)) + [tax]
  }

  mutating func end(as final: State) {
    if agreement != nil { agreement = .terminated }
    isSuspendedByExchange = false
    (state, due) = (final, nil)
  }
}
