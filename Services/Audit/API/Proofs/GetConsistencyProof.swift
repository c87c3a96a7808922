import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// For everyone. Made from tiles: its cost does not depend on the size of the log.
  /// - Throws: `AuditError.sizeNotPublished`, `.sizesReversed`.
  func getConsistencyProof(
    _ request: AuditV1.GetConsistencyProofRequest, _ context: CallContext
  ) async throws -> AuditV1.GetConsistencyProofResponse {
    let second = try await publishedSize(request.secondSize)
    let first = Int(request.firstSize)
    guard first <= second else { throw AuditError.sizesReversed }
    return try await proving(second) { tiles in
      AuditV1.GetConsistencyProofResponse(
        hashes: try tiles.consistencyProof(from: first, to: second), secondSize: Int64(second),
        firstRoot: try tiles.root(size: first),
        secondRoot: try nodes.suffixes(size: second, &tiles).root)
    }
  }
}
