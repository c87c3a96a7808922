package import CatalogDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `offer` and `offer_version`.
package struct OfferTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ offer: Offer) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO offer (id, product_id, provider_id, environment, state, version, create_time,
          update_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      offer.id, offer.productID, offer.providerID, offer.environment.rawValue,
      offer.state.rawValue, offer.version, offer.createTime, offer.updateTime,
    ])
    try insertVersion(of: offer)
  }

  /// Saves a new version of the terms.
  package func revise(_ offer: Offer) throws {
    try update(offer)
    try insertVersion(of: offer)
  }

  /// Saves a change of state.
  package func update(_ offer: Offer) throws {
    try db.cachedStatement(
      sql: "UPDATE offer SET state = ?, version = ?, update_time = ? WHERE id = ?"
    ).execute(arguments: [offer.state.rawValue, offer.version, offer.updateTime, offer.id])
  }

  /// Throws `CatalogError.offerNotFound`.
  package func require(_ id: OfferID) throws -> Offer {
    let statement = try db.cachedStatement(sql: "\(Self.select) WHERE offer.id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw CatalogError.offerNotFound(id)
    }
    return try Offer(row: row)
  }

  /// Offers that the viewer may see, in order of creation.
  package func list(
    for viewer: Viewer, product: ProductID?, state: CatalogV1.OfferState?, after: OfferID?,
    limit: Int
  ) throws -> [Offer] {
    var conditions = Conditions()
    conditions.add("offer.id > ?", after)
    conditions.add("offer.product_id = ?", product)
    conditions.add("offer.state = ?", state?.rawValue)
    conditions.add("offer.environment = ?", viewer.environment?.rawValue)
    if !viewer.isStaff {
      conditions.add(
        """
        offer.provider_id = ? OR (product.state IN (6, 7, 8) AND (
          json_extract(offer_version.terms, '$.audience.kind') = 'AUDIENCE_KIND_PUBLIC'
          OR EXISTS (SELECT 1 FROM json_each(offer_version.terms, '$.audience.participantIds')
            WHERE value = ?)))
        """, [viewer.participantID, viewer.participantID?.description])
    }
    let statement = try db.cachedStatement(
      sql: """
        \(Self.select) JOIN product ON product.id = offer.product_id
        \(conditions.sql) ORDER BY offer.id LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: conditions.arguments + [limit])
      .map { try Offer(row: $0) }
  }

  private static let select = """
    SELECT offer.*, offer_version.terms FROM offer JOIN offer_version
      ON offer_version.offer_id = offer.id AND offer_version.version = offer.version
    """

  private func insertVersion(of offer: Offer) throws {
    let price = offer.terms.price
    try db.cachedStatement(
      sql: """
        INSERT INTO offer_version (offer_id, version, etag, price_model, currency, amount, terms,
          create_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      offer.id, offer.version, offer.etag, price.model.rawValue, price.amount?.currency.code,
      price.amount?.minorUnits, try JSONColumn.text(offer.terms), offer.updateTime,
    ])
  }
}

extension Offer {
  fileprivate init(row: Row) throws {
    self.init(
      id: row["id"], productID: row["product_id"], providerID: row["provider_id"],
      environment: TypeV1.Environment(rawValue: row["environment"]), version: row["version"],
      terms: try JSONColumn.value(row["terms"]),
      state: CatalogV1.OfferState(rawValue: row["state"]), createTime: row["create_time"],
      updateTime: row["update_time"])
  }
}
