package import Model

/// Above which sums money goes out only once enough witnesses have seen in the audit log what it follows from, so that the
/// log that everybody is shown tells of every large payout before its money is gone: of the payment of an order, or of the
/// end of a clearing window, which fixes its positions.
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

  /// Whether one of the payments that the exchange has not made yet exceeds the limit of its currency.
  package func apply(to legs: [Leg], of window: ClearingWindow) -> Bool {
    guard let limit = limits[window.key.currency] else { return false }
    return legs.contains {
      $0.direction == .payOut && $0.state == .pending && $0.amount > limit
    }
  }

  /// Checks that the order may pay out.
  package func check(_ order: Order, _ payment: WitnessedPayment?) throws(SettlementError) {
    guard !apply(to: order) || payment?.orderID == order.id else {
      throw .payoutNotWitnessed(.order(order.id))
    }
  }

  /// Checks that the exchange may pay these now.
  package func check(
    _ legs: [Leg], of window: ClearingWindow, _ closing: WitnessedClosing?
  ) throws(SettlementError) {
    guard !apply(to: legs, of: window) || closing?.windowID == window.id else {
      throw .payoutNotWitnessed(.window(window.id))
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

/// The end of a clearing window is in the audit log, in a checkpoint that enough witnesses have cosigned.
package struct WitnessedClosing: Sendable, Hashable {
  package let windowID: WindowID
  /// Of the log that the witnesses have seen.
  package let logSize: Int

  package init(windowID: WindowID, logSize: Int) {
    self.windowID = windowID
    self.logSize = logSize
  }
}

/// From what money goes out.
package enum PayoutSource: Sendable, Hashable {
  case order(OrderID)
  case window(WindowID)

  /// As the audit log names it.
  package var subject: String {
    switch self {
    case .order(let id): "order/\(id)"
    case .window(let id): "window/\(id)"
    }
  }

  var metadata: [String: String] {
    switch self {
    case .order(let id): ["order_id": id.description]
    case .window(let id): ["window_id": id.description]
    }
  }
}
