import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func cancelRenewal(
    _ request: SettlementV1.CancelRenewalRequest, _ context: CallContext
  ) async throws -> SettlementV1.CancelRenewalResponse {
    let participant = try context.participant().participantID
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, for: participant, transaction)
      try order.cancelRenewal(deadlines.deadlines.renewal, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent(
          "agreement.renewal_cancelled", order,
          [
            "by": "participant/\(participant)", "because": request.reason,
            "last_period": order.renewal?.lastPeriod.map { "\($0)" } ?? "",
          ]))
      return SettlementV1.CancelRenewalResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
