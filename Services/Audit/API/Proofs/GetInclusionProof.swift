import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// For everyone. Made from tiles: its cost does not depend on the size of the log.
  /// - Throws: `AuditError.sizeNotPublished`, `.entryNotFound`.
  func getInclusionProof(
    _ request: AuditV1.GetInclusionProofRequest, _ context: CallContext
  ) async throws -> AuditV1.GetInclusionProofResponse {
    let size = try await publishedSize(request.treeSize)
    let index = Int(request.index)
    guard index < size else { throw AuditError.entryNotFound(index: request.index) }
    return try await database.read { db in
      var tiles = TileTable(db).reader
      return AuditV1.GetInclusionProofResponse(
        leafHash: try tiles.hash(of: Subtree(height: 0, position: index)),
        hashes: try tiles.inclusionProof(index: index, size: size), treeSize: Int64(size),
        rootHash: try tiles.root(size: size))
    }
  }
}
