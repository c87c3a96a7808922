package import CatalogDomain
package import GRDB
package import Model
import ServiceRuntime

/// Rows of `review`.
package struct ReviewTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func insert(_ review: Review) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO review (id, product_id, state, reviewer_id, decision, reason, remarks,
          approval_reference, consent_basis, due_time, create_time, decide_time)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      review.id, review.productID, review.state.rawValue, review.reviewerID,
      review.decision.rawValue, review.reason, try JSONColumn.text(review.remarks),
      review.approvalReference, review.consentBasis, review.dueTime, review.createTime,
      review.decideTime,
    ])
  }

  package func update(_ review: Review) throws {
    try db.cachedStatement(
      sql: """
        UPDATE review SET state = ?, reviewer_id = ?, decision = ?, reason = ?, remarks = ?,
          approval_reference = ?, consent_basis = ?, decide_time = ?
        WHERE id = ?
        """
    ).execute(arguments: [
      review.state.rawValue, review.reviewerID, review.decision.rawValue, review.reason,
      try JSONColumn.text(review.remarks), review.approvalReference, review.consentBasis,
      review.decideTime, review.id,
    ])
  }

  /// Throws `CatalogError.reviewNotFound`.
  package func require(_ id: ReviewID) throws -> Review {
    let statement = try db.cachedStatement(sql: "SELECT * FROM review WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [id]) else {
      throw CatalogError.reviewNotFound(id)
    }
    return try Review(row: row)
  }

  /// Oldest first; those of products in `environment` only, if given.
  package func list(
    state: CatalogV1.ReviewState?, product: ProductID?, environment: TypeV1.Environment?,
    after: ReviewID?, limit: Int
  ) throws -> [Review] {
    var conditions = Conditions()
    conditions.add("review.id > ?", after)
    conditions.add("review.state = ?", state?.rawValue)
    conditions.add("review.product_id = ?", product)
    conditions.add("product.environment = ?", environment?.rawValue)
    let statement = try db.cachedStatement(
      sql: """
        SELECT review.* FROM review JOIN product ON product.id = review.product_id
        \(conditions.sql) ORDER BY review.id LIMIT ?
        """)
    return try Row.fetchAll(statement, arguments: conditions.arguments + [limit])
      .map { try Review(row: $0) }
  }
}

extension Review {
  fileprivate init(row: Row) throws {
    self.init(
      id: row["id"], productID: row["product_id"],
      state: CatalogV1.ReviewState(rawValue: row["state"]), reviewerID: row["reviewer_id"],
      decision: CatalogV1.ReviewDecision(rawValue: row["decision"]), reason: row["reason"],
      remarks: try JSONColumn.value(row["remarks"]), approvalReference: row["approval_reference"],
      consentBasis: row["consent_basis"], dueTime: row["due_time"], createTime: row["create_time"],
      decideTime: row["decide_time"])
  }
}
