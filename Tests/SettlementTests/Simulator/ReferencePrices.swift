import Model
import SettlementDomain

/// How far an order that renews is paid, and when the exchange acts next.
struct ReferenceRenewal {
  let start: Timestamp
  let days: Int64
  let noticeDays: Int64
  var period: Int32 = 1
  /// The period with which it ends.
  var last: Int32?
  var next: Timestamp?
  var refusal = ""

  init(start: Timestamp, days: Int64, noticeDays: Int64) {
    self.start = start
    self.days = days
    self.noticeDays = noticeDays
  }

  private static let schedule = SimulatedExchange.deadlines.renewal

  var length: Int64 { days * 86_400 }
  var periodEnd: Timestamp { start.adding(seconds: Int64(period) * length) }
  var isLast: Bool { last.map { $0 <= period } ?? false }

  var validUntil: Timestamp {
    isLast ? periodEnd : periodEnd.adding(seconds: min(Self.schedule.graceSeconds, length))
  }

  var dueTime: Timestamp {
    isLast ? periodEnd : periodEnd.adding(seconds: -min(Self.schedule.leadSeconds, length / 2))
  }
}

/// Orders that are paid period by period.
extension ReferenceTrades {
  /// Does what is due of every renewal, the longest due first and then in the order in which they were placed.
  mutating func renewDue(_ placed: [OrderID], at now: Timestamp) {
    let due = placed.enumerated().compactMap { place, id in
      orders[id]?.renewal?.next.map { (next: $0, place: place, id: id) }
    }
    for order in due.filter({ $0.next <= now }).sorted(by: {
      ($0.next, $0.place) < ($1.next, $1.place)
    }) {
      while let next = orders[order.id]?.renewal?.next, next <= now { renew(order.id, at: now) }
    }
  }

  private mutating func renew(_ id: OrderID, at now: Timestamp) {
    guard let order = orders[id] else { return }
    if order.agreement(at: now) == .expired || order.renewal?.isLast == true {
      orders[id]?.expireAgreement()
    } else if let reason = charge(id, at: now) {
      let retry = now.adding(seconds: SimulatedExchange.deadlines.renewal.retrySeconds)
      orders[id]?.renewal?.refusal = reason
      orders[id]?.renewal?.next = min(retry, order.agreementEnds ?? retry)
    }
  }

  private mutating func charge(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, money in
      guard order.isIn(now, .settled) else { return Self.conflict }
      guard order.agreement(at: now) == .active, let payer = order.payer else {
        return "AGREEMENT_NOT_ACTIVE"
      }
      let taking = ReferenceMoney.Move(
        debit: payer, credit: money.own.escrow, amount: order.total)
      let payouts = money.payouts(of: order.parts, order)
      if let reason = money.carry([taking] + payouts.map(money.payment)) { return reason }
      order.invoice(order.price, order.tax)
      order.renewal?.period += 1
      order.renewal?.refusal = ""
      order.planRenewal()
      return nil
    }
  }

  mutating func cancelRenewal(_ id: OrderID, at now: Timestamp) -> String? {
    change(id) { order, _ in
      guard let renewal = order.renewal else { return "ORDER_DOES_NOT_RENEW" }
      let agreement = order.agreement(at: now)
      guard renewal.next != nil, agreement == .active || agreement == .suspended else {
        return "AGREEMENT_NOT_ACTIVE"
      }
      guard renewal.last == nil else { return "RENEWAL_ALREADY_CANCELLED" }
      let notice = renewal.periodEnd.adding(seconds: -renewal.noticeDays * 86_400)
      let isInTime = renewal.noticeDays == 0 || now <= notice
      order.renewal?.last = renewal.period + (isInTime ? 0 : 1)
      if isInTime, now >= renewal.periodEnd {
        order.expireAgreement()
      } else if isInTime {
        order.planRenewal()
      }
      return nil
    }
  }
}

extension ReferenceOrder {
  fileprivate mutating func planRenewal() {
    guard let renewal else { return }
    self.renewal?.next = renewal.dueTime
    agreementEnds = renewal.validUntil
  }

  fileprivate mutating func expireAgreement() {
    agreement = .expired
    isSuspendedByExchange = false
    renewal?.next = nil
  }

  func renewalState(at now: Timestamp) -> SettlementV1.RenewalState? {
    guard let renewal else { return nil }
    if renewal.next == nil || agreement(at: now) == .expired { return .ended }
    if renewal.isLast { return .cancelled }
    return renewal.refusal.isEmpty ? .renewing : .overdue
  }

  /// What was used costs: every unit what its tier says, together at most the cap, half up.
  var usedPrice: Int64 {
    guard case .usage(_, let tiers) = pricing else { return 0 }
    var (micros, start) = (Int128(0), Int64(0))
    for tier in tiers {
      let end = min(tier.upTo ?? calls, calls)
      micros += Int128(max(end - start, 0)) * Int128(tier.micros)
      start = max(start, end)
    }
    return Int64(min((micros + 500_000) / 1_000_000, Int128(price)))
  }

  /// 8 % by the table of the simulated market, half up.
  var usedTax: Int64 { (usedPrice * 8 + 50) / 100 }
}

/// Orders that are paid by what was used.
extension ReferenceTrades {
  /// Takes a batch in, all of it or nothing.
  /// - Returns: what became of each record, or why there is nothing.
  mutating func report(
    _ records: [SettlementV1.UsageRecord], by provider: Int, at now: Timestamp
  ) -> (outcomes: [SettlementV1.UsageOutcome], refusal: String?) {
    var next = self
    var outcomes: [SettlementV1.UsageOutcome] = []
    for record in records {
      let taken = next.reports[provider, default: []]
      if record.sequence > taken.count + 1 { return ([], "USAGE_SEQUENCE_GAP") }
      if record.sequence <= taken.count {
        guard taken[Int(record.sequence) - 1] == record else {
          return ([], "USAGE_SEQUENCE_REUSED")
        }
        outcomes.append(.repeated)
        continue
      }
      next.reports[provider, default: []].append(record)
      outcomes.append(next.count(record, by: provider, at: now))
    }
    self = next
    return (outcomes, nil)
  }

  private mutating func count(
    _ record: SettlementV1.UsageRecord, by provider: Int, at now: Timestamp
  ) -> SettlementV1.UsageOutcome {
    guard let order = orders[record.orderID], order.provider == provider, order.isMetered else {
      return .noSuchOrder
    }
    guard order.isIn(now, .escrowed, .delivering) else { return .periodClosed }
    orders[record.orderID]?.calls += record.calls
    return .counted
  }
}

extension ReferenceMoney {
  /// Takes what was used out of what is held and pays it out; the rest is the payer's again.
  mutating func charge(_ order: inout ReferenceOrder) -> String? {
    guard let payer = order.payer else { return nil }
    let (price, tax) = (order.usedPrice, order.usedTax)
    let (used, rest) = (price + tax, order.total - price - tax)
    let capture = Move(kind: .capture, debit: payer, credit: own.escrow, amount: used)
    let release = Move(kind: .release, debit: payer, credit: own.escrow, amount: rest)
    let payouts = payouts(of: order.parts(of: price, tax), order)
    if let reason = carry(
      (used > 0 ? [capture] : []) + (rest > 0 ? [release] : []) + payouts.map(payment))
    {
      return reason
    }
    order.payouts = payouts
    if used > 0 { order.invoice(price, tax) }
    return nil
  }
}

/// What was paid out and is given back.
extension ReferenceTrades {
  mutating func refund(_ id: OrderID, _ amount: Int64, at now: Timestamp) -> String? {
    change(id) { order, money in
      guard order.isIn(now, .settled, .partiallyRefunded) else { return Self.conflict }
      if case .renewing = order.pricing { return "REFUND_OF_RENEWING_ORDER" }
      let rests = order.payouts.map(\.rest)
      let sum = rests.reduce(0, +)
      guard sum > 0, amount <= sum, let payer = order.payer else { return "REFUND_EXCEEDS_REST" }
      let given = ReferenceDivision.parts(of: amount == 0 ? sum : amount, by: rests)
      let moves = zip(order.payouts, given).filter { $0.1 > 0 }.map {
        ReferenceMoney.Move(debit: $0.0.account, credit: payer, amount: $0.1)
      }
      if let reason = money.carry(moves) { return reason }
      var (net, tax): (Int64, Int64) = (0, 0)
      for (index, part) in given.enumerated() {
        order.payouts[index].refunded += part
        if order.payouts[index].isTax { tax += part } else { net += part }
      }
      order.credit(net, tax)
      if order.payouts.allSatisfy({ $0.rest == 0 }) {
        order.end(as: .refunded)
      } else {
        order.state = .partiallyRefunded
      }
      return nil
    }
  }
}
