package import CatalogDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `product`, and their words in the search index while they are listed.
package struct ProductTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ product: Product) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO product (id, publisher_id, environment, state, data_class, personal_data,
          description, due_time, version, create_time, update_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      product.id, product.publisherID, product.environment.rawValue, product.state.rawValue,
      product.description.dataClass.rawValue, product.description.personalData.rawValue,
      try JSONColumn.text(product.description), product.dueTime, product.version,
      product.createTime, product.updateTime,
    ])
    try index(product)
  }

  /// Saves a change made on the version before, and keeps the search index with it.
  package func update(_ product: Product) throws {
    try db.cachedStatement(
      sql: """
        UPDATE product SET state = ?, data_class = ?, personal_data = ?, description = ?,
          due_time = ?, version = ?, update_time = ?
        WHERE id = ? AND version = ?
        """
    ).execute(arguments: [
      product.state.rawValue, product.description.dataClass.rawValue,
      product.description.personalData.rawValue, try JSONColumn.text(product.description),
      product.dueTime, product.version, product.updateTime, product.id, product.version - 1,
    ])
    guard db.changesCount == 1 else { throw CatalogError.etagMismatch }
    try index(product)
  }

  /// Throws `CatalogError.productNotFound`.
  package func require(_ id: ProductID) throws -> Product {
    let statement = try db.cachedStatement(sql: "SELECT * FROM product WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw CatalogError.productNotFound(id)
    }
    return try Product(row: row)
  }

  /// What a page of products is narrowed to.
  package struct Filter: Sendable {
    package var state: CatalogV1.ProductState?
    package var publisherID: ParticipantID?
    package var viewer: Viewer

    package init(
      viewer: Viewer, state: CatalogV1.ProductState? = nil, publisherID: ParticipantID? = nil
    ) {
      self.viewer = viewer
      self.state = state
      self.publisherID = publisherID
    }
  }

  /// Products that the viewer may see, in order of creation.
  package func list(_ filter: Filter, after: ProductID?, limit: Int) throws -> [Product] {
    var conditions = Conditions()
    conditions.add("id > ?", after)
    conditions.add("state = ?", filter.state?.rawValue)
    conditions.add("publisher_id = ?", filter.publisherID)
    conditions.add("environment = ?", filter.viewer.environment?.rawValue)
    if !filter.viewer.isStaff {
      conditions.add("state IN (6, 7, 8) OR publisher_id = ?", [filter.viewer.participantID])
    }
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM product \(conditions.sql) ORDER BY id LIMIT ?")
    return try Row.fetchAll(statement, arguments: conditions.arguments + [limit])
      .map { try Product(row: $0) }
  }

  private func index(_ product: Product) throws {
    try db.cachedStatement(
      sql: "DELETE FROM product_search WHERE rowid = (SELECT number FROM product WHERE id = ?)"
    ).execute(arguments: [product.id])
    guard product.state == .listed else { return }
    let document = SearchDocument(product.description)
    try db.cachedStatement(
      sql: """
        INSERT INTO product_search (rowid, title_folded, text_folded, title_exact, text_exact)
        SELECT number, ?, ?, ?, ? FROM product WHERE id = ?
        """
    ).execute(arguments: [
      SearchText.folded(document.title), SearchText.folded(document.text),
      SearchText.exact(document.title), SearchText.exact(document.text), product.id,
    ])
  }
}

extension Product {
  init(row: Row) throws {
    self.init(
      id: row["id"], publisherID: row["publisher_id"],
      environment: TypeV1.Environment(rawValue: row["environment"]),
      description: try JSONColumn.value(row["description"]),
      state: CatalogV1.ProductState(rawValue: row["state"]), dueTime: row["due_time"],
      version: row["version"], createTime: row["create_time"], updateTime: row["update_time"])
  }
}
