import Model
import SettlementDomain
import SettlementStore

extension SettlementV1.Dispute {
  init(_ dispute: Dispute, of order: Order) {
    self.init(
      reason: SettlementV1.DisputeReason(rawValue: dispute.reason.rawValue),
      objection: SettlementV1.DisputeStatement(dispute.objection),
      answer: dispute.answer.map { SettlementV1.DisputeStatement($0) },
      reply: dispute.reply.map { SettlementV1.DisputeStatement($0) },
      outcome: SettlementV1.DisputeOutcome(rawValue: dispute.outcome?.rawValue ?? 0),
      refund: dispute.outcome == nil ? nil : order.refundedInDispute,
      explanation: dispute.decision?.explanation ?? "", arbiterID: dispute.decision?.arbiterID,
      endTime: dispute.endTime)
  }
}

extension SettlementV1.DisputeStatement {
  init(_ statement: DisputeStatement) {
    self.init(
      text: statement.text, evidenceSHA256: statement.evidence, createTime: statement.createTime)
  }
}

extension SettlementV1.OrderChange {
  init(_ change: OrderChange, at now: Timestamp) {
    self.init(
      cursor: change.cursor, state: SettlementV1.OrderState(rawValue: change.state.rawValue),
      agreementState: SettlementV1.AgreementState(rawValue: change.agreementState?.rawValue ?? 0),
      changeTime: change.time, order: SettlementV1.Order(change.order, at: now))
  }
}
