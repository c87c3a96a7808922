import Codec
import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  /// Called by the provider's connector with the provider's token. Handing in the same receipt again,
  /// even under another request id, is answered with the order as it is.
  func confirmDelivery(
    _ request: SettlementV1.ConfirmDeliveryRequest, _ context: CallContext
  ) async throws -> SettlementV1.ConfirmDeliveryResponse {
    let provider = try context.participant().participantID
    let evidence = DeliveryEvidence(
      statement: try Self.statement(of: request.receipt), receipt: request.receipt)
    let anchors = try trust.current()
    return try await transactor.mutate(request, context) { [self] transaction in
      let now = transaction.now
      var order = try load(request.orderID, for: provider, transaction)
      guard order.terms.providerID == provider else {
        throw SettlementError.orderNotFound(order.id)
      }
      let receipts = ReceiptTable(transaction.db)
      if try receipts.statement(of: order.id) == request.receipt.statement {
        return SettlementV1.ConfirmDeliveryResponse(order: SettlementV1.Order(order, at: now))
      }
      try order.requireDeliverable(at: now)
      if let rule = ReceiptRule.firstBroken(by: evidence, for: order, trusting: anchors, at: now) {
        throw SettlementError.receipt(rule)
      }
      let receiptID = evidence.statement.receiptID
      if try receipts.isTaken(receiptID) { throw SettlementError.receipt(.idReused) }
      // What was used is charged by reports; a receipt of a part is evidence of it and moves nothing.
      if order.terms.isMetered {
        try transaction.emit(
          AuditEvent(
            "order.served", order,
            [
              "receipt": receiptID.description,
              "statement_sha256": Digest.sha256(of: request.receipt.statement).hex,
            ]))
        return SettlementV1.ConfirmDeliveryResponse(order: SettlementV1.Order(order, at: now))
      }
      try order.deliver(deadlines: deadlines.deadlines, at: now)
      try OrderTable(transaction.db).update(order)
      try receipts.insert(
        receiptID, order: order.id, statement: request.receipt.statement,
        document: request.receipt.serialized(), at: now)
      try transaction.emit(
        AuditEvent(
          "order.delivered", order,
          [
            "receipt": receiptID.description, "size_bytes": "\(evidence.statement.sizeBytes)",
            "complete_time": evidence.statement.completeTime.description,
            "statement_sha256": Digest.sha256(of: request.receipt.statement).hex,
          ]))
      return SettlementV1.ConfirmDeliveryResponse(order: SettlementV1.Order(order, at: now))
    }
  }

  /// - Throws: `InvalidArgument` with the paths of the request.
  private static func statement(
    of receipt: DeliveryV1.DeliveryReceipt
  ) throws -> DeliveryV1.DeliveryStatement {
    do {
      return try DeliveryV1.DeliveryStatement.decode(receipt.statement)
    } catch let error as InvalidArgument {
      let violations = error.violations.map { violation in
        let field =
          violation.field.isEmpty ? "receipt.statement" : "receipt.statement.\(violation.field)"
        return FieldViolation(field: field, rule: violation.rule, text: violation.text)
      }
      throw InvalidArgument(violations[0], Array(violations.dropFirst()))
    }
  }
}
