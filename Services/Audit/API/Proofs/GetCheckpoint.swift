import AuditStore
import Model
import RPC
import TransparencyLog

extension AuditHandler {
  /// For everyone. The key is for comparing with one that was learned elsewhere.
  func getCheckpoint(
    _ request: AuditV1.GetCheckpointRequest, _ context: CallContext
  ) async throws -> AuditV1.GetCheckpointResponse {
    AuditV1.GetCheckpointResponse(
      checkpoint: try await head.covering(0).note, verifierKey: verifierKey.description)
  }
}
