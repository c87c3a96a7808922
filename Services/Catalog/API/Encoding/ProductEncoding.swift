import CatalogDomain
import CatalogStore
import GRDB
import Model

extension CatalogV1.Product {
  init(_ product: Product, revision: Revision?) {
    let standing = product.standing(hasRevision: revision != nil)
    self.init(
      id: product.id, publisherID: product.publisherID, environment: product.environment,
      description: product.description, state: product.state, blockedBy: standing.blockedBy,
      nextActor: standing.nextActor, dueTime: standing.dueTime, etag: product.etag,
      currentRevision: revision.map { CatalogV1.Revision($0) }, createTime: product.createTime,
      updateTime: product.updateTime)
  }

  /// With the newest revision in the database.
  init(_ product: Product, _ db: Database) throws {
    self.init(product, revision: try RevisionTable(db).newest(of: product.id))
  }
}

extension CatalogV1.Revision {
  init(_ revision: Revision) {
    self.init(
      id: revision.id, productID: revision.productID, number: revision.number,
      files: revision.files, columns: revision.columns,
      connectorAddress: revision.connectorAddress, manifestSHA256: revision.manifestSHA256,
      sizeBytes: revision.sizeBytes, rows: revision.rows, createTime: revision.createTime)
  }
}

/// How much of a list goes into one message: half of what clients accept.
enum ListLimits {
  static let messageBytes = 2 << 20
}
