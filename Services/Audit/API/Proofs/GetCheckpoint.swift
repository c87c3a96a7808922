import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// For everyone. The key is for comparing with one that was learned elsewhere.
  func getCheckpoint(
    _ request: AuditV1.GetCheckpointRequest, _ context: CallContext
  ) async throws -> AuditV1.GetCheckpointResponse {
    let newest = try await head.covering(0)
    let checkpoint = try await database.read { try CosignatureTable($0).cosigned(newest) }
    return AuditV1.GetCheckpointResponse(
      checkpoint: checkpoint.note, verifierKey: verifierKey.description,
      witnesses: board.witnesses, isQuorumMet: board.isQuorum(checkpoint),
      quorumCheckpoint: board.quorum?.note ?? "")
  }
}
