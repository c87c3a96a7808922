import Model
import SettlementDomain

extension SettlementV1.Order {
  /// The order as its parties see it at `now`: a deadline that has passed counts already.
  init(_ order: Order, at now: Timestamp) {
    let terms = order.terms
    let state = order.state(at: now)
    self.init(
      id: order.id, consumerID: terms.consumerID, providerID: terms.providerID,
      offerID: terms.offerID, offerEtag: terms.offerETag, productID: terms.productID,
      revisionID: terms.revisionID, manifestSHA256: terms.manifestSHA256,
      sizeBytes: terms.sizeBytes, connectorAddress: terms.connectorAddress,
      environment: terms.environment, price: terms.price, split: terms.split,
      policy: terms.policy, purpose: terms.purpose,
      state: SettlementV1.OrderState(rawValue: state.rawValue), blockedBy: order.blockedBy(at: now),
      nextActor: order.nextActor(at: now), dueTime: order.nextDueTime(at: now),
      agreement: order.agreement.map { SettlementV1.Agreement($0, at: now) },
      payouts: order.payouts.map { SettlementV1.Payout($0) }, refusalReason: order.endReason,
      createTime: order.createTime, updateTime: order.updateTime,
      dispute: order.dispute.map { SettlementV1.Dispute($0, of: order) },
      refunded: order.refunded, pricing: terms.pricing,
      tax: terms.tax.map { SettlementV1.OrderTax($0) }, total: terms.total,
      renewal: SettlementV1.Renewal(order, at: now),
      consentIDs: terms.consents.map(\.id))
  }
}

extension SettlementV1.Agreement {
  init(_ agreement: Agreement, at now: Timestamp) {
    self.init(
      id: agreement.id,
      state: SettlementV1.AgreementState(rawValue: agreement.state(at: now).rawValue),
      validUntil: agreement.validUntil)
  }
}

extension SettlementV1.Payout {
  init(_ payout: Payout) {
    self.init(
      beneficiary: payout.beneficiary, accountID: payout.accountID, amount: payout.amount,
      refunded: payout.refunded > 0
        ? Money(currency: payout.amount.currency, minorUnits: payout.refunded) : nil)
  }
}
