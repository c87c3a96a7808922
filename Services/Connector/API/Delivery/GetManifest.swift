import Model
import RPC

extension DeliveryHandler {
  func getManifest(
    _ request: DeliveryV1.GetManifestRequest, _ context: CallContext
  ) async throws -> DeliveryV1.GetManifestResponse {
    DeliveryV1.GetManifestResponse(revision: try await admit(request.grant, context).revision)
  }
}
