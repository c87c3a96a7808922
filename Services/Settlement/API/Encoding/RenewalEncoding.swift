import Model
import ServiceRuntime
import SettlementDomain

extension SettlementV1.Renewal {
  /// Nil for an order that does not renew.
  init?(_ order: Order, at now: Timestamp) {
    guard let renewal = order.renewal, let state = order.renewalState(at: now) else { return nil }
    self.init(
      state: SettlementV1.RenewalState(rawValue: state.rawValue), period: renewal.period,
      periodStart: renewal.periodStart, periodEnd: renewal.periodEnd,
      lastPeriod: renewal.lastPeriod ?? 0, blockedBy: renewal.refusal,
      nextActor: order.renewalActor(at: now),
      dueTime: state == .ended ? nil : renewal.nextTime)
  }
}

extension AuditEvent {
  /// A period was paid.
  init(_ kind: String, _ order: Order, _ payment: RenewalPayment, _ payouts: [Payout]) {
    var payload = [
      "agreement": order.agreement?.id.description ?? "", "period": "\(payment.period)",
      "period_start": payment.start.description, "period_end": payment.end.description,
      "transfer": payment.transferID.description, "tax": "\(payment.tax.amount)",
      "tax_rule": payment.tax.ruleVersion.map { "\($0)" } ?? "none",
    ]
    for (index, payout) in payouts.enumerated() {
      payload["payout_\(index)"] =
        "\(payout.beneficiary.protoName ?? "") \(payout.amount) \(payout.accountID)"
    }
    self.init(kind, order, payload)
  }
}
