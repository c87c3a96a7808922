import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func confirmLeg(
    _ request: SettlementV1.ConfirmLegRequest, _ context: CallContext
  ) async throws -> SettlementV1.ConfirmLegResponse {
    try ledger.partitions.require(request.participantID)
    // What a bank was asked for is its to make; what is paid by hand waits as a file would.
    let closing = try await witness?.closing(
      of: request.windowID, to: request.participantID, context)
    return try await transactor.mutate(request, context) { [self] transaction in
      let clearing = Clearing(ledger, transaction)
      var (window, _) = try clearing.load(request.windowID)
      transaction.concerns("participant/\(request.participantID)")
      let table = LegTable(transaction.db)
      guard var leg = try table.find(request.participantID, in: window.id) else {
        throw SettlementError.clearing(.legNotFound)
      }
      try ledger.payoutLimits.check([leg], of: window, closing)
      try clearing.finish(&leg, of: &window, request.bankReference)
      guard let position = try PositionTable(transaction.db).find(window.id, leg.accountID) else {
        throw SettlementError.clearing(.legNotFound)
      }
      return SettlementV1.ConfirmLegResponse(
        position: SettlementV1.Position(
          position, owner: leg.memberID, leg, window.key.environment),
        window: SettlementV1.Window(window, try table.all(of: window.id)))
    }
  }
}
