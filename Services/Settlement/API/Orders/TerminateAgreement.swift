import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func terminateAgreement(
    _ request: SettlementV1.TerminateAgreementRequest, _ context: CallContext
  ) async throws -> SettlementV1.TerminateAgreementResponse {
    let caller = try context.participant()
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var (order, party) = try loadAgreement(request.orderID, for: caller, transaction)
      let isRefund = try order.terminateAgreement(
        by: party, because: request.reason, deadlines: deadlines.deadlines, at: now)
      if isRefund { try Escrow(ledger, transaction).refund(order) }
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent("agreement.terminated", order, agreementBy: caller, because: request.reason))
      return SettlementV1.TerminateAgreementResponse(order: SettlementV1.Order(order, at: now))
    }
  }

  /// Loads an order and says as whom the caller acts on its agreement.
  func loadAgreement(
    _ id: OrderID, for caller: ParticipantCaller, _ transaction: Transaction
  ) throws -> (Order, AgreementParty) {
    let order = try load(id, as: Viewer(caller.participantID, roles: caller.roles), transaction)
    guard let party = order.agreementParty(caller.participantID, roles: caller.roles) else {
      throw SettlementError.orderNotFound(id)
    }
    return (order, party)
  }
}
