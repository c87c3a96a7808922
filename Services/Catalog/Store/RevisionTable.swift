package import CatalogDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `revision` and `revision_file`.
package struct RevisionTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ revision: Revision) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO revision (id, product_id, number, columns, connector_address, manifest_sha256,
          size_bytes, rows, create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      revision.id, revision.productID, revision.number, try JSONColumn.text(revision.columns),
      revision.connectorAddress, revision.manifestSHA256, revision.sizeBytes, revision.rows,
      revision.createTime,
    ])
    let insertFile = try db.cachedStatement(
      sql: """
        INSERT INTO revision_file (revision_id, path, media_type, size_bytes, rows, sha256)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    for file in revision.files {
      try insertFile.execute(arguments: [
        revision.id, file.path, file.mediaType, file.sizeBytes, file.rows, file.sha256,
      ])
    }
  }

  /// Throws `CatalogError.revisionNotFound`.
  package func require(_ id: RevisionID) throws -> Revision {
    let statement = try db.cachedStatement(sql: "SELECT * FROM revision WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw CatalogError.revisionNotFound(id)
    }
    return try revision(row)
  }

  /// The newest revision of a product, if there is one.
  package func newest(of product: ProductID) throws -> Revision? {
    try list(of: product, before: nil, limit: 1).first
  }

  /// Newest first, from below number `before`.
  package func list(of product: ProductID, before: Int32?, limit: Int) throws -> [Revision] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT * FROM revision WHERE product_id = ? AND number < ? ORDER BY number DESC LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: [product, before ?? .max, limit])
      .map { try revision($0) }
  }

  package func exists(of product: ProductID) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: "SELECT EXISTS (SELECT 1 FROM revision WHERE product_id = ?)")
    return try Bool.fetchOne(statement, arguments: [product]) ?? false
  }

  private func revision(_ row: Row) throws -> Revision {
    let id: RevisionID = row["id"]
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM revision_file WHERE revision_id = ? ORDER BY path")
    let files = try Row.fetchAll(statement, arguments: [id]).map { file in
      CatalogV1.ContentFile(
        path: file["path"], mediaType: file["media_type"], sizeBytes: file["size_bytes"],
        rows: file["rows"], sha256: file["sha256"])
    }
    return Revision(
      id: id, productID: row["product_id"], number: row["number"], files: files,
      columns: try JSONColumn.value(row["columns"]), connectorAddress: row["connector_address"],
      manifestSHA256: row["manifest_sha256"], sizeBytes: row["size_bytes"], rows: row["rows"],
      createTime: row["create_time"])
  }
}
