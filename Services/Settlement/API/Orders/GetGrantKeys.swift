import Model
import RPC

extension OrderHandler {
  func getGrantKeys(
    _ request: SettlementV1.GetGrantKeysRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetGrantKeysResponse {
    SettlementV1.GetGrantKeysResponse(jwks: grants.keySet)
  }
}
