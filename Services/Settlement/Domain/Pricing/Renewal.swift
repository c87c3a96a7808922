package import Model

/// When a subscription is renewed, and for how long that is tried.
package struct RenewalSchedule: Sendable, Hashable {
  /// How long before the end of a period the next one is charged; at most half of the period.
  package var leadSeconds: Int64
  /// How long after the end of a period that was not paid on the agreement lasts; at most one period.
  package var graceSeconds: Int64
  /// From a renewal that failed to the next attempt.
  package var retrySeconds: Int64

  package init(
    leadSeconds: Int64 = 3600, graceSeconds: Int64 = 3 * 86_400, retrySeconds: Int64 = 6 * 3600
  ) {
    self.leadSeconds = leadSeconds
    self.graceSeconds = graceSeconds
    self.retrySeconds = retrySeconds
  }
}

/// How far an agreement that renews is paid, and what the exchange does next about it.
package struct Renewal: Sendable, Hashable {
  /// When the first period began. Ends of periods are counted from here, so that a subscription of the
  /// 31st comes back to the 31st after a shorter month.
  package let startTime: Timestamp
  /// The last period that is paid, from 1.
  package internal(set) var period: Int32
  package internal(set) var periodStart: Timestamp
  package internal(set) var periodEnd: Timestamp
  /// The period with which it ends; nil while nobody has cancelled it.
  package internal(set) var lastPeriod: Int32?
  /// When the exchange acts next: charges, tries again, or lets the agreement expire. Nil when it is over.
  package internal(set) var nextTime: Timestamp?
  /// Why the next period is not paid yet, as a stable reason; empty when it is not due or was not refused.
  package internal(set) var refusal: String

  package init(
    startTime: Timestamp, period: Int32, periodStart: Timestamp, periodEnd: Timestamp,
    lastPeriod: Int32? = nil, nextTime: Timestamp?, refusal: String = ""
  ) {
    self.startTime = startTime
    self.period = period
    self.periodStart = periodStart
    self.periodEnd = periodEnd
    self.lastPeriod = lastPeriod
    self.nextTime = nextTime
    self.refusal = refusal
  }

  /// Whether the paid period is the last.
  package var isLast: Bool { lastPeriod.map { $0 <= period } ?? false }

  /// When the agreement ends unless another period is paid: with the period when that is the last, else
  /// when the days of grace are over.
  func validUntil(_ schedule: RenewalSchedule) -> Timestamp {
    guard !isLast else { return periodEnd }
    let length = periodEnd.microseconds - periodStart.microseconds
    return periodEnd.adding(microseconds: min(schedule.graceSeconds * 1_000_000, length))
  }

  /// When the next period is charged, or the agreement ends with the last one.
  func dueTime(_ schedule: RenewalSchedule) -> Timestamp {
    guard !isLast else { return periodEnd }
    let length = periodEnd.microseconds - periodStart.microseconds
    return periodEnd.adding(microseconds: -min(schedule.leadSeconds * 1_000_000, length / 2))
  }
}

/// A period that was paid by renewing.
package struct RenewalPayment: Sendable, Hashable {
  package let period: Int32
  package let start: Timestamp
  package let end: Timestamp
  /// What took price and tax from the consumer's account.
  package let transferID: TransferID
  package let tax: OrderTax

  package init(
    period: Int32, start: Timestamp, end: Timestamp, transferID: TransferID, tax: OrderTax
  ) {
    self.period = period
    self.start = start
    self.end = end
    self.transferID = transferID
    self.tax = tax
  }
}

/// Where a renewal stands. Raw values are those of the proto.
package enum RenewalState: Int32, Sendable, CaseIterable {
  /// The next period will be charged.
  case renewing = 1
  /// Charging it was refused; it is tried again until the days of grace are over.
  case overdue
  /// It ends with the last period.
  case cancelled
  /// The agreement is over.
  case ended
}

/// Why a renewal cannot be cancelled. The raw value is the stable reason.
package enum RenewalRefusal: String, Sendable, CaseIterable {
  case notRenewing = "ORDER_DOES_NOT_RENEW"
  case alreadyCancelled = "RENEWAL_ALREADY_CANCELLED"

  /// What people read.
  package var text: Text {
    switch self {
    case .notRenewing:
      Text(vi: "Đơn hàng này không tự gia hạn.", en: "The order does not renew.")
    case .alreadyCancelled:
      Text(vi: "Việc gia hạn đã được hủy.", en: "The renewal has been cancelled already.")
    }
  }
}
