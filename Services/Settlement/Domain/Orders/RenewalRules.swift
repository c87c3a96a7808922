package import Model

/// What time makes of a subscription that renews.
package enum RenewalEffect: Sendable, Hashable {
  /// The next period is to be charged.
  case charge
  /// The last period is over, or the days of grace are: the agreement expires.
  case expire
}

/// How an agreement goes on from period to period. Money is moved by the caller, in the same transaction.
extension Order {
  /// What the exchange has to do about the renewal at `now`; nil when nothing.
  package func renewalEffect(at now: Timestamp) -> RenewalEffect? {
    guard let renewal, let agreement, let next = renewal.nextTime, now >= next else { return nil }
    return agreement.state(at: now) == .expired || renewal.isLast ? .expire : .charge
  }

  /// Where the renewal stands at `now`, whether or not anyone has written down that it ended.
  package func renewalState(at now: Timestamp) -> RenewalState? {
    guard let renewal else { return nil }
    guard renewal.nextTime != nil, agreement?.state(at: now) != .expired else { return .ended }
    if renewal.isLast { return .cancelled }
    return renewal.refusal.isEmpty ? .renewing : .overdue
  }

  /// Who moves the renewal on: the consumer has to see to what refuses the payment.
  package func renewalActor(at now: Timestamp) -> TypeV1.Actor {
    switch renewalState(at: now) {
    case .renewing, .cancelled: .exchange
    case .overdue: .consumer
    case .ended, nil: .unspecified
    }
  }

  /// Checks that the next period may be charged at `now`: the order is paid out, and its agreement lasts.
  /// - Returns: when that period begins and ends.
  package func requireRenewable(
    at now: Timestamp
  ) throws(SettlementError) -> (start: Timestamp, end: Timestamp) {
    try require(.settled, to: .renew, at: now)
    guard let agreement, let renewal else { throw .renewal(.notRenewing) }
    let current = agreement.state(at: now)
    guard current == .active else { throw .agreementNotActive(current) }
    guard
      let end = terms.pricing?.period?.end(after: renewal.startTime, periods: renewal.period + 1)
    else { throw .renewal(.notRenewing) }
    return (renewal.periodEnd, end)
  }

  /// The next period is paid: the agreement goes on to its end.
  package mutating func renew(
    _ payment: RenewalPayment, _ schedule: RenewalSchedule, at now: Timestamp
  ) {
    guard var renewal else { preconditionFailure("only what renews is renewed") }
    precondition(payment.period == renewal.period + 1, "periods are paid one after another")
    renewal.period = payment.period
    renewal.periodStart = payment.start
    renewal.periodEnd = payment.end
    renewal.refusal = ""
    plan(renewal, schedule, at: now)
  }

  /// The next period could not be charged: it is tried again until the agreement is over.
  package mutating func postponeRenewal(
    because reason: String, _ schedule: RenewalSchedule, at now: Timestamp
  ) {
    guard let end = agreement?.validUntil else { return }
    renewal?.refusal = reason
    renewal?.nextTime = min(now.adding(seconds: schedule.retrySeconds), end)
    touch(at: now)
  }

  /// The last period or the days of grace are over.
  package mutating func expireAgreement(at now: Timestamp) {
    agreement?.state = .expired
    agreement?.suspendedBy = nil
    renewal?.nextTime = nil
    touch(at: now)
  }

  /// Either side ends the renewal with the period that is paid; or, when the notice of that period has
  /// passed, with the next one, which is still charged. Within the days of grace an agreement without
  /// notice ends at once.
  package mutating func cancelRenewal(
    _ schedule: RenewalSchedule, at now: Timestamp
  ) throws(SettlementError) {
    guard var renewal else { throw .renewal(.notRenewing) }
    guard let agreement, renewal.nextTime != nil else {
      throw .agreementNotActive(agreement?.state(at: now) ?? .expired)
    }
    let current = agreement.state(at: now)
    guard current == .active || current == .suspended else { throw .agreementNotActive(current) }
    guard renewal.lastPeriod == nil else { throw .renewal(.alreadyCancelled) }
    let notice = Int64(terms.pricing?.noticeDays ?? 0) * 86_400
    let isInTime = notice == 0 || now <= renewal.periodEnd.adding(seconds: -notice)
    renewal.lastPeriod = isInTime ? renewal.period : renewal.period + 1
    if isInTime, now >= renewal.periodEnd {
      self.renewal = renewal
      return expireAgreement(at: now)
    }
    if renewal.isLast { plan(renewal, schedule, at: now) } else { self.renewal = renewal }
    touch(at: now)
  }

  /// When the agreement ends, and when the exchange acts next, follow from the period that is paid.
  private mutating func plan(
    _ next: Renewal, _ schedule: RenewalSchedule, at now: Timestamp
  ) {
    renewal = next
    renewal?.nextTime = next.dueTime(schedule)
    let end = endOfConsents(orBefore: next.validUntil(schedule))
    agreement?.validUntil = end
    touch(at: now)
  }

  /// An agreement is over for good, and what would renew it.
  mutating func endAgreement() {
    agreement?.state = .terminated
    agreement?.suspendedBy = nil
    renewal?.nextTime = nil
  }

  /// The first period of what renews.
  mutating func openRenewal(until end: Timestamp, _ schedule: RenewalSchedule, at now: Timestamp) {
    plan(
      Renewal(startTime: now, period: 1, periodStart: now, periodEnd: end, nextTime: end),
      schedule, at: now)
  }
}
