import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func resolveDispute(
    _ request: SettlementV1.ResolveDisputeRequest, _ context: CallContext
  ) async throws -> SettlementV1.ResolveDisputeResponse {
    let arbiter = try context.participant().participantID
    let payment =
      request.outcome == .fullRefund
      ? nil : try await witness?.payment(of: request.orderID, context)
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, as: .exchange, transaction)
      guard let outcome = DisputeOutcome(rawValue: request.outcome.rawValue) else {
        throw SettlementError.dispute(.outcomeNotADecision)
      }
      let decision = Decision(
        arbiterID: arbiter, outcome: outcome, refund: request.refundMinorUnits,
        explanation: request.explanation)
      try order.check(decision, at: now)
      let escrow = Escrow(ledger, transaction, payment)
      var payouts: [Payout] = []
      if outcome == .fullRefund {
        try escrow.refund(order)
      } else {
        payouts = try escrow.payOut(order, refunding: decision.refund)
      }
      order.resolve(decision, payouts, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent(
          "dispute.resolved", order,
          [
            "by": "participant/\(arbiter)", "outcome": outcome.name,
            "refunded": order.refunded?.description ?? "0", "explanation": decision.explanation,
          ]))
      return SettlementV1.ResolveDisputeResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
