import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func cancelOrder(
    _ request: SettlementV1.CancelOrderRequest, _ context: CallContext
  ) async throws -> SettlementV1.CancelOrderResponse {
    let participant = try context.participant().participantID
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, for: participant, transaction)
      let isRefund = try order.cancel(by: participant, because: request.reason, at: now)
      if isRefund { try Escrow(ledger, transaction).refund(order) }
      try OrderTable(transaction.db).update(order)
      let kind = order.state == .refunded ? "order.refunded" : "order.cancelled"
      try transaction.emit(
        AuditEvent(kind, order, ["by": "participant/\(participant)"]))
      return SettlementV1.CancelOrderResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
