import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func suspendAgreement(
    _ request: SettlementV1.SuspendAgreementRequest, _ context: CallContext
  ) async throws -> SettlementV1.SuspendAgreementResponse {
    let caller = try context.participant()
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var (order, party) = try loadAgreement(request.orderID, for: caller, transaction)
      try order.suspendAgreement(by: party, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent("agreement.suspended", order, agreementBy: caller, because: request.reason))
      return SettlementV1.SuspendAgreementResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
