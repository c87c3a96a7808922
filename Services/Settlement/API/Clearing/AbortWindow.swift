import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func abortWindow(
    _ request: SettlementV1.AbortWindowRequest, _ context: CallContext
  ) async throws -> SettlementV1.AbortWindowResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let clearing = Clearing(ledger, transaction)
      var (window, legs) = try clearing.load(request.windowID)
      try window.clearingMove { (window) throws(ClearingRule) in
        try window.abort(because: request.reason, legs)
      }
      try clearing.save(window, "window.aborted")
      return SettlementV1.AbortWindowResponse(
        window: SettlementV1.Window(window, try LegTable(transaction.db).all(of: window.id)))
    }
  }
}
