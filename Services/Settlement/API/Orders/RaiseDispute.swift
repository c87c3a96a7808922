import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func raiseDispute(
    _ request: SettlementV1.RaiseDisputeRequest, _ context: CallContext
  ) async throws -> SettlementV1.RaiseDisputeResponse {
    let consumer = try consumer(context).participantID
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, ofConsumer: consumer, transaction)
      let objection = DisputeStatement(
        text: request.text, evidence: request.evidenceSHA256, createTime: now)
      // The wire has checked that the reason is one of those declared.
      let reason = DisputeReason(rawValue: request.reason.rawValue) ?? .other
      try order.raiseDispute(reason, objection, deadlines: deadlines.deadlines, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent("order.disputed", order, statement: objection, by: "participant/\(consumer)"))
      return SettlementV1.RaiseDisputeResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
