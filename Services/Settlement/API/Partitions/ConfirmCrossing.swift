import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension CrossingHandler {
  func confirmCrossing(
    _ request: SettlementV1.ConfirmCrossingRequest, _ context: CallContext
  ) async throws -> SettlementV1.ConfirmCrossingResponse {
    _ = try own()
    try await transactor.write(context) { transaction in
      let table = ReceivedCrossingTable(transaction.db)
      guard let received = try table.find(request.crossingID), received.origin == request.origin,
        received.decision == .credited
      else { throw SettlementError.partition(.crossingUnknown) }
      guard !received.isConfirmed else { return }
      try table.confirm(received.id)
      try transaction.emit(AuditEvent("crossing.covered", received))
    }
    return SettlementV1.ConfirmCrossingResponse()
  }
}
