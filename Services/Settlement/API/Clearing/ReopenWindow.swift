import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func reopenWindow(
    _ request: SettlementV1.ReopenWindowRequest, _ context: CallContext
  ) async throws -> SettlementV1.ReopenWindowResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let clearing = Clearing(ledger, transaction)
      var (window, _) = try clearing.load(request.windowID)
      try window.clearingMove { (window) throws(ClearingRule) in try window.reopen() }
      let table = LegTable(transaction.db)
      for var leg in try table.all(of: window.id) where leg.state == .sent {
        leg.setBack(because: window.abortReason)
        try table.update(leg)
      }
      try clearing.save(window, "window.reopened")
      return SettlementV1.ReopenWindowResponse(
        window: SettlementV1.Window(window, try table.all(of: window.id)))
    }
  }
}
