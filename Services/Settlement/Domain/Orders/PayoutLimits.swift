package import Model

/// Above which sums orders pay out only once enough witnesses have seen their payment in the audit log, so that the log
/// that everybody is shown tells of every large payment before its money is gone.
package struct PayoutLimits: Sendable, Hashable {
  /// No payout waits for witnesses.
  package static let none = PayoutLimits([:])

  private let limits: [Currency: Int64]

  private init(_ limits: [Currency: Int64]) { self.limits = limits }

  /// Reads `CURRENCY=AMOUNT,…`, amounts in minor units; nil for anything else.
  package init?(_ text: String) {
    var limits: [Currency: Int64] = [:]
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, let currency = Currency(parts[0]), limits[currency] == nil,
        let amount = Int64(parts[1]), (0...Money.limit).contains(amount)
      else { return nil }
      limits[currency] = amount
    }
    self.init(limits)
  }

  /// Whether what an order pays out, its tax included, exceeds the limit of its currency.
  package func apply(to order: Order) -> Bool {
    guard let total = order.terms.total, let limit = limits[total.currency] else { return false }
    return total.minorUnits > limit
  }

  /// Checks that the order may pay out.
  package func check(_ order: Order, _ payment: WitnessedPayment?) throws(SettlementError) {
    guard !apply(to: order) || payment?.orderID == order.id else {
      throw .payoutNotWitnessed(order.id)
    }
  }
}

/// The payment of an order is in the audit log, in a checkpoint that enough witnesses have cosigned.
package struct WitnessedPayment: Sendable, Hashable {
  package let orderID: OrderID
  /// Of the log that the witnesses have seen.
  package let logSize: Int

  package init(orderID: OrderID, logSize: Int) {
    self.orderID = orderID
    self.logSize = logSize
  }
}
