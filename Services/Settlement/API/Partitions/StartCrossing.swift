import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension CrossingHandler {
  func startCrossing(
    _ request: SettlementV1.StartCrossingRequest, _ context: CallContext
  ) async throws -> SettlementV1.StartCrossingResponse {
    _ = try own()
    return try await transactor.mutate(request, context) { [ledger] transaction in
      transaction.concerns("account/\(request.debitAccountID)", "participant/\(request.receiverID)")
      guard let account = try ledger.account(request.debitAccountID, transaction) else {
        throw ledger.partitions.unknown(.accountNotFound(request.debitAccountID))
      }
      guard account.kind != .escrow else { throw SettlementError.escrowReserved(account.id) }
      guard account.kind != .inTransit else {
        throw SettlementError.partition(.transitReserved(account.id))
      }
      guard
        let destination = try ledger.partitions.destination(
          of: request.receiverID, account.currency, account.environment)
      else { throw SettlementError.partition(.notAcross) }
      let crossing = Crossing(
        id: .make(at: transaction.now), destination: destination, debitAccountID: account.id,
        receiverID: request.receiverID, creditAccountID: request.creditAccountID,
        amount: Money(currency: account.currency, minorUnits: request.amount),
        environment: account.environment, createTime: transaction.now)
      let hold = try Crossings.hold(for: crossing, transaction)
      let outcome = try ledger.submit([hold], transaction)[0].outcome
      guard outcome == .ok else { throw SettlementError.payment(outcome) }
      try CrossingTable(transaction.db).insert(crossing)
      try transaction.emit(AuditEvent("crossing.started", crossing))
      return SettlementV1.StartCrossingResponse(crossing: SettlementV1.Crossing(crossing))
    }
  }
}
