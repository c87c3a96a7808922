package import Model

/// Why what was paid out is not given back so. The raw value is the stable reason.
package enum RefundRefusal: String, Sendable, CaseIterable {
  case exceedsRest = "REFUND_EXCEEDS_REST"
  case renewing = "REFUND_OF_RENEWING_ORDER"
  case elsewhere = "REFUND_FROM_OTHER_PARTITION"

  /// What people read.
  package var text: Text {
    switch self {
    case .exceedsRest:
      Text(
        vi: "Số tiền hoàn vượt quá phần còn lại của số đã trả.",
        en: "More would go back than is left of what was paid out.")
    case .renewing:
      Text(
        vi: "Đơn hàng tự gia hạn không hoàn tiền theo cách này; hãy hủy gia hạn.",
        en: "A subscription that renews is not refunded; cancel its renewal.")
    case .elsewhere:
      Text(
        vi: "Một phần đã được trả ở phân vùng khác; hãy chuyển trả riêng.",
        en: "A part was paid out in another partition; it has to be sent back from there.")
    }
  }
}

extension Order {
  /// How much of what was paid has gone back; nil when nothing has.
  package var refunded: Money? {
    guard let total = terms.total, funding != nil else { return nil }
    if state == .refunded && payouts.isEmpty { return total }
    let decided = dispute?.outcome == .partialRefund ? dispute?.decision?.refund ?? 0 : 0
    let sum = payouts.reduce(decided) { $0 + $1.refunded }
    return sum > 0 ? Money(currency: total.currency, minorUnits: sum) : nil
  }

  /// Checks that what was paid out may be given back now.
  package func requireRefundable(at now: Timestamp) throws(SettlementError) {
    try require(.settled, .partiallyRefunded, to: .refund, at: now)
    if terms.renews { throw .refund(.renewing) }
  }

  /// What each payout gives back of `amount`, 0 meaning all that is left: by largest remainder over what
  /// each has left, so that the parts sum exactly and none gives more than it got.
  package func divideRefund(
    of amount: Int64, at now: Timestamp
  ) throws(SettlementError) -> [Int64] {
    try requireRefundable(at: now)
    let rest = payouts.map(\.rest)
    let sum = rest.reduce(0, +)
    guard sum > 0, amount <= sum else { throw .refund(.exceedsRest) }
    return RefundRule.divide(amount == 0 ? sum : amount, over: rest)
  }

  /// The payouts have given `parts` back. Once nothing is left the order is REFUNDED, and its agreement ends.
  package mutating func refund(_ parts: [Int64], because reason: String, at now: Timestamp) {
    precondition(parts.count == payouts.count, "a part for each payout")
    for (index, part) in parts.enumerated() { payouts[index].refunded += part }
    if payouts.allSatisfy({ $0.rest == 0 }) {
      end(as: .refunded, because: reason, at: now)
    } else {
      endReason = reason
      move(to: .partiallyRefunded, until: nil, at: now)
    }
  }
}
