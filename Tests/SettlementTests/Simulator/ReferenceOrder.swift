import Model
import SettlementDomain

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

  /// How the price is formed.
  enum Pricing {
    case once
    case usage(days: Int64, tiers: [Tier])
    case renewing(days: Int64, noticeDays: Int64)
  }

  /// What units up to a bound cost, in millionths; the last has no bound.
  struct Tier {
    let upTo: Int64?
    let micros: Int64
  }

  struct Payout {
    let account: AccountID
    let isTax: Bool
    let amount: Int64
    var refunded: Int64 = 0

    var rest: Int64 { amount - refunded }
  }

  /// An invoice or a credit note.
  struct Document: Hashable {
    let isCredit: Bool
    let net: Int64
    let tax: Int64
  }

  let id: OrderID
  let consumer: Int
  let provider: Int
  /// 0 when it is free.
  let price: Int64
  let tax: Int64
  let shares: [Share]
  let pricing: Pricing
  /// The consent that it rests on; nil when its data are about nobody.
  let consent: ReferenceConsent?
  let created: Timestamp
  var state: State
  var due: Timestamp?
  var payer: AccountID?
  var agreement: SettlementV1.AgreementState?
  var isSuspendedByExchange = false
  /// Whether the person it is about has paused it, and the exchange has followed.
  var isPaused = false
  var agreementEnds: Timestamp?
  var dispute: Dispute?
  /// What an arbiter gave back.
  var refund: Int64 = 0
  var payouts: [Payout] = []
  var renewal: ReferenceRenewal?
  /// Calls that were reported.
  var calls: Int64 = 0
  var documents: [Document] = []

  var total: Int64 { price + tax }
  var isFree: Bool { price == 0 }
  var isMetered: Bool { if case .usage = pricing { true } else { false } }

  /// All that has gone back of what was paid; nil when nothing has.
  var returned: Int64? {
    if state == .refunded, payouts.isEmpty { return payer == nil ? nil : total }
    let sum = payouts.reduce(refund) { $0 + $1.refunded }
    return sum > 0 ? sum : nil
  }

  static let final: Set<State> = [.settled, .expired, .cancelled, .refunded, .partiallyRefunded]

  /// What it is at a time, whether or not anybody has written that down.
  func state(at now: Timestamp) -> State {
    guard let due, now >= due else { return state }
    switch state {
    case .awaitingFunds: return .expired
    case .escrowed, .delivering: return isMetered ? .settled : .refunded
    case .delivered: return .settled
    case .disputed: return dispute?.isAnswered == true ? .settled : .refunded
    default: return state
    }
  }

  func agreement(at now: Timestamp) -> SettlementV1.AgreementState? {
    guard let agreement, let agreementEnds else { return agreement }
    let isLive = agreement == .active || agreement == .suspended
    if isLive && now >= agreementEnds { return .expired }
    return agreement == .active && isPaused ? .suspended : agreement
  }

  func due(at now: Timestamp) -> Timestamp? {
    if Self.final.contains(state(at: now)) { return nil }
    if let dispute, dispute.awaitsReply(at: now) { return dispute.replyDue }
    return due
  }

  /// Everybody's part of what was paid, the tax last.
  var parts: [Int64] { parts(of: price, tax) }

  func parts(of price: Int64, _ tax: Int64) -> [Int64] {
    guard !isFree else { return [] }
    return ReferenceDivision.parts(of: price, by: shares.map(\.weight)) + [tax]
  }

  /// The agreement begins, for the period that was paid or for as long as agreements last.
  mutating func openAgreement(at now: Timestamp) {
    agreement = .active
    var end = now.adding(seconds: SimulatedExchange.deadlines.agreementSeconds)
    switch pricing {
    case .once: break
    case .usage(let days, _): end = now.adding(seconds: days * 86_400)
    case .renewing(let days, let notice):
      let renewal = ReferenceRenewal(start: now, days: days, noticeDays: notice)
      self.renewal = renewal
      self.renewal?.next = renewal.dueTime
      end = renewal.validUntil
    }
    agreementEnds = min(end, consent?.expires ?? end)
  }

  mutating func end(as final: State) {
    if agreement != nil { endAgreement() }
    (state, due) = (final, nil)
  }

  mutating func endAgreement() {
    agreement = .terminated
    isSuspendedByExchange = false
    renewal?.next = nil
  }
}
