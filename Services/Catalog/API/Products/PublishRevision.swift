import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension ProductHandler {
  func publishRevision(
    _ request: CatalogV1.PublishRevisionRequest, _ context: CallContext
  ) async throws -> CatalogV1.PublishRevisionResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("product/\(request.productID)")
      let product = try ProductTable(transaction.db).require(request.productID)
      try viewer.requirePublisher(of: product)
      let table = RevisionTable(transaction.db)
      let previous = try table.newest(of: product.id)?.number ?? 0
      let revision = try Revision.publish(
        request, of: product, after: previous, at: transaction.now)
      try table.insert(revision)
      try transaction.emit(
        AuditEvent(
          kind: "revision.published",
          subjects: [
            "revision/\(revision.id)", "product/\(product.id)",
            "participant/\(product.publisherID)",
          ],
          payload: [
            "number": "\(revision.number)", "manifest_sha256": revision.manifestSHA256.hex,
            "size_bytes": "\(revision.sizeBytes)", "rows": "\(revision.rows)",
          ]))
      return CatalogV1.PublishRevisionResponse(revision: CatalogV1.Revision(revision))
    }
  }
}
