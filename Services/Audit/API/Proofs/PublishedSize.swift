import AuditDomain
import AuditStore
import Model

extension AuditHandler {
  /// The size that a proof is asked against; 0 stands for the newest checkpoint's. Nothing is proven
  /// about a log larger than the one that is signed.
  /// - Throws: `AuditError.sizeNotPublished`, `.checkpointPending`.
  func publishedSize(_ size: Int64) async throws -> Int {
    let published = try await head.covering(0).size
    guard size <= published else {
      throw AuditError.sizeNotPublished(size: size, published: Int64(published))
    }
    return size == 0 ? published : Int(size)
  }
}
