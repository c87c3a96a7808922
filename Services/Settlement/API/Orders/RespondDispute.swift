import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func respondDispute(
    _ request: SettlementV1.RespondDisputeRequest, _ context: CallContext
  ) async throws -> SettlementV1.RespondDisputeResponse {
    let participant = try context.participant().participantID
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, for: participant, transaction)
      let statement = DisputeStatement(
        text: request.text, evidence: request.evidenceSHA256, createTime: now)
      try order.respond(statement, by: participant, deadlines: deadlines.deadlines, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent(
          "dispute.answered", order, statement: statement, by: "participant/\(participant)"))
      return SettlementV1.RespondDisputeResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
