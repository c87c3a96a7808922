import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

extension AuditHandler {
  /// For everyone. Made from the nodes in memory; those of tiles that were not asked for lately are
  /// computed first.
  /// - Throws: `AuditError.sizeNotPublished`, `.entryNotFound`.
  func getInclusionProof(
    _ request: AuditV1.GetInclusionProofRequest, _ context: CallContext
  ) async throws -> AuditV1.GetInclusionProofResponse {
    let size = try await publishedSize(request.treeSize)
    let index = Int(request.index)
    guard index < size else { throw AuditError.entryNotFound(index: request.index) }
    return try await proving(size) { tiles in
      let tree = try nodes.suffixes(size: size, &tiles)
      return AuditV1.GetInclusionProofResponse(
        leafHash: try tiles.hash(of: Subtree(height: 0, position: index)),
        hashes: try tiles.inclusionProof(index: index, in: tree), treeSize: Int64(size),
        rootHash: tree.root)
    }
  }

  /// Makes proofs against the log of `size` entries, which must be published. The body runs again,
  /// with the database at hand, when a tile is not in memory.
  func proving<Value: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (inout TileReader) throws -> Value
  ) async throws -> Value {
    do {
      var known = nodes.reader(size: size)
      return try body(&known)
    } catch is MissingTile {
      return try await database.read { db in
        var stored = nodes.reader(size: size, TileTable(db))
        return try body(&stored)
      }
    }
  }
}
