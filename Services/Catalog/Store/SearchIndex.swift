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

  /// Products that hold every word, by the tiers of the query and within one by age. The order is
  /// total, so that pages neither repeat nor skip, and no tier is read further than the page needs.
  package func search(
    _ query: SearchQuery, _ filter: Filter, offset: Int, limit: Int
  ) throws -> [Hit] {
    let end = offset + limit
    var found: [(number: Int64, score: Double)] = []
    var seen: Set<Int64> = []
    for (index, tier) in query.tiers.enumerated() where found.count < end {
      let score = Double(query.tiers.count - index)
      for number in try numbers(matching: tier, filter, limit: end)
      where seen.insert(number).inserted {
        found.append((number, score))
      }
    }
    let statement = try db.cachedStatement(sql: "SELECT * FROM product WHERE number = ?")
    return try found.dropFirst(offset).prefix(limit).compactMap { number, score in
      try Row.fetchOne(statement, arguments: [number])
        .map { Hit(product: try Product(row: $0), score: score) }
    }
  }

  private func numbers(
    matching expression: String, _ filter: Filter, limit: Int
  ) throws -> [Int64] {
    var conditions = Conditions()
    conditions.add("product_search MATCH ?", expression)
    conditions.add("environment = ?", filter.environment?.rawValue)
    conditions.add("publisher_id = ?", filter.publisherID)
    if !filter.dataClasses.isEmpty {
      conditions.add(
        "data_class IN (SELECT value FROM json_each(?))",
        [try JSONColumn.text(filter.dataClasses.map(\.rawValue))])
    }
    // CROSS JOIN keeps the index outside: it gives its rows in order, and the limit ends the search.
    let statement = try db.cachedStatement(
      sql: """
        SELECT product.number FROM product_search
        CROSS JOIN product ON product.number = product_search.rowid
        \(conditions.sql) ORDER BY product_search.rowid LIMIT ?
        """)
    return try Int64.fetchAll(statement, arguments: conditions.arguments + [limit])
  }
}
