package import CatalogDomain
package import GRDB
package import Model
import ServiceRuntime

/// Finds listed products through `product_search`.
package struct SearchIndex {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package struct Hit: Sendable {
    package let product: Product
    /// Greater is better; comparable within one answer.
    package let score: Double
  }

  package struct Filter: Sendable {
    package var environment: TypeV1.Environment?
    package var publisherID: ParticipantID?
    /// Empty for every class.
    package var dataClasses: [CatalogV1.DataClass]

    package init(
      environment: TypeV1.Environment? = nil, publisherID: ParticipantID? = nil,
      dataClasses: [CatalogV1.DataClass] = []
    ) {
      self.environment = environment
      self.publisherID = publisherID
      self.dataClasses = dataClasses
    }
  }

  /// Products that hold every word, those with the accents as written first, then those with the
  /// words next to each other, then by BM25 with the title counting eight times as much; the order
  /// is total, so that pages neither repeat nor skip.
  package func search(
    _ query: SearchQuery, _ filter: Filter, offset: Int, limit: Int
  ) throws -> [Hit] {
    let statement = try db.cachedStatement(
      sql: """
        WITH hit AS MATERIALIZED (
          SELECT rowid AS number, bm25(product_search, 8.0, 1.0, 0.0, 0.0) AS rank
          FROM product_search WHERE product_search MATCH :folded),
        exact AS MATERIALIZED (
          SELECT rowid AS number FROM product_search WHERE product_search MATCH :exact),
        phrase AS MATERIALIZED (
          SELECT rowid AS number FROM product_search WHERE product_search MATCH :phrase)
        SELECT product.*,
          1000.0 * (number IN exact) + 100.0 * (number IN phrase) - max(hit.rank, -99.0) AS score
        FROM hit JOIN product USING (number)
        WHERE product.state = 6
          AND (:environment IS NULL OR environment = :environment)
          AND (:publisher IS NULL OR publisher_id = :publisher)
          AND (:classes = '[]' OR data_class IN (SELECT value FROM json_each(:classes)))
        ORDER BY score DESC, number LIMIT :limit OFFSET :offset
        """)
    let classes = try JSONColumn.text(filter.dataClasses.map(\.rawValue))
    return try Row.fetchAll(
      statement,
      arguments: [
        "folded": query.foldedExpression, "exact": query.exactExpression,
        "phrase": query.phraseExpression, "environment": filter.environment?.rawValue,
        "publisher": filter.publisherID, "classes": classes, "limit": limit, "offset": offset,
      ]
    ).map { Hit(product: try Product(row: $0), score: $0["score"]) }
  }
}
