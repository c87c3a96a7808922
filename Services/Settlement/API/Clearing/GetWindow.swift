import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func getWindow(
    _ request: SettlementV1.GetWindowRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetWindowResponse {
    let (window, _) = try await visible(request.windowID, context)
    let legs = try await transactor.database.read { try LegTable($0).all(of: window.id) }
    let forStaff = try Self.owner(context) == nil
    return SettlementV1.GetWindowResponse(
      window: SettlementV1.Window(window, legs, forStaff: forStaff))
  }
}
