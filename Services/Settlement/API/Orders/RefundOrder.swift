import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func refundOrder(
    _ request: SettlementV1.RefundOrderRequest, _ context: CallContext
  ) async throws -> SettlementV1.RefundOrderResponse {
    let provider = try context.participant().participantID
    // What settles by itself has to be paid out before it can be given back.
    try await deadlines.enforce(request.orderID)
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, for: provider, transaction)
      guard order.terms.providerID == provider else {
        throw SettlementError.orderNotFound(order.id)
      }
      let parts = try order.divideRefund(of: request.amountMinorUnits, at: now)
      let transfers = try Escrow(ledger, transaction).takeBack(parts, of: order)
      order.refund(parts, because: request.reason, at: now)
      try PayoutTable(transaction.db).refund(order.id, transfers, at: now)
      try OrderTable(transaction.db).update(order)
      let amount = transfers.compactMap { $0 }.reduce(0) { $0 + $1.amount }
      let kind = order.state == .refunded ? "order.refunded" : "order.partially_refunded"
      try transaction.emit(
        AuditEvent(
          kind, order,
          [
            "by": "participant/\(provider)", "amount": "\(amount)",
            "refunded": order.refunded?.description ?? "",
          ]))
      return SettlementV1.RefundOrderResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
