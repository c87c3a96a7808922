import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func acceptDelivery(
    _ request: SettlementV1.AcceptDeliveryRequest, _ context: CallContext
  ) async throws -> SettlementV1.AcceptDeliveryResponse {
    let consumer = try consumer(context).participantID
    let payment = try await witness?.payment(of: request.orderID, context)
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, ofConsumer: consumer, transaction)
      try order.requireAcceptable(at: now)
      try transaction.emit(AuditEvent("order.accepted", order))
      order.settle(
        try Escrow(ledger, transaction, payment).payOut(order), endingDispute: .withdrawn, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(AuditEvent("order.settled", order, ["by": "participant/\(consumer)"]))
      return SettlementV1.AcceptDeliveryResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
