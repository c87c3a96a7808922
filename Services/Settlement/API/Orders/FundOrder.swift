import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func fundOrder(
    _ request: SettlementV1.FundOrderRequest, _ context: CallContext
  ) async throws -> SettlementV1.FundOrderResponse {
    if let answer: SettlementV1.FundOrderResponse = try await transactor.replay(
      of: request, context)
    {
      return answer
    }
    let consumer = try consumer(context).participantID
    let facts = try await facts(of: request.orderID, for: consumer, context)
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, ofConsumer: consumer, transaction)
      try order.requireFundable(at: now)
      let facts = try checkGates(order, facts, at: now)
      let funding = try Escrow(ledger, transaction).fund(
        order, from: request.accountID, between: InvoiceParties(facts))
      try order.fund(
        funding, agreementID: .make(at: now), deadlines: deadlines.deadlines, at: now)
      try OrderTable(transaction.db).update(order)
      let payment = [
        "account": funding.accountID.description, "transfer": funding.transferID.description,
      ]
      try transaction.emit(AuditEvent("order.funded", order, payment))
      try transaction.emit(
        AuditEvent(order.terms.isMetered ? "order.held" : "order.escrowed", order, payment))
      return SettlementV1.FundOrderResponse(order: SettlementV1.Order(order, at: now))
    }
  }
}
