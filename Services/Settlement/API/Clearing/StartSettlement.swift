import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// - Throws: `SettlementError.payment` when what is to be paid out is not on a member's account.
  func startSettlement(
    _ request: SettlementV1.StartSettlementRequest, _ context: CallContext
  ) async throws -> SettlementV1.StartSettlementResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let clearing = Clearing(ledger, transaction)
      var (window, _) = try clearing.load(request.windowID)
      try window.clearingMove { (window) throws(ClearingRule) in
        try window.start(payInSeconds: settings.payInSeconds, at: transaction.now)
      }
      let table = LegTable(transaction.db)
      for var leg in try table.all(of: window.id)
      where leg.direction == .payOut && leg.holdID == nil {
        let outcome = try clearing.reserve(&leg, window.key)
        guard outcome.isSuccess else { throw SettlementError.payment(outcome) }
        try table.update(leg)
      }
      try clearing.save(window, "window.settling")
      // After an abort the last payment may have come already.
      let legs = try table.all(of: window.id)
      window.paymentBecameFinal(LegSummary(legs), at: transaction.now)
      if window.state == .settled {
        try clearing.save(window, "window.settled")
      } else {
        try WindowTable(transaction.db).update(window)
      }
      return SettlementV1.StartSettlementResponse(window: SettlementV1.Window(window, legs))
    }
  }
}

extension ClearingWindow {
  /// Moves the window by a rule, whose refusal reaches the caller.
  mutating func clearingMove(
    _ move: (inout ClearingWindow) throws(ClearingRule) -> Void
  ) throws(SettlementError) {
    do { try move(&self) } catch { throw .clearing(error) }
  }

  /// Asks a rule of the window, whose refusal reaches the caller.
  func requireClearing(
    _ rule: (ClearingWindow) throws(ClearingRule) -> Void
  ) throws(SettlementError) {
    do { try rule(self) } catch { throw .clearing(error) }
  }
}
