package import GRDB
package import Model
import ServiceRuntime

/// The events of the outbox that tell of orders' payments.
package struct PaymentEvents {
  /// The outbox keeps them: a payout that waits for witnesses is shown by the receipt of its payment.
  package static let kind = "order.funded"
  static let index = """
    CREATE INDEX outbox_payment ON outbox (json_extract(subjects, '$[0]'))
      WHERE kind = 'order.funded'
    """

  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// An event of the outbox with its receipt.
  package struct Logged: Sendable, Hashable {
    package let eventID: EventID
    package let logIndex: Int64
    package let leafHash: Digest
  }

  /// The event of an order's payment; nil while the order is not paid or audit has not taken the event.
  package func find(_ id: OrderID) throws -> Logged? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT event_id, log_index, leaf_hash FROM outbox
        WHERE kind = 'order.funded' AND json_extract(subjects, '$[0]') = ?
          AND log_index IS NOT NULL
        """)
    return try Row.fetchOne(statement, arguments: ["order/\(id)"]).map { row in
      Logged(
        eventID: try row.id("event_id"), logIndex: row["log_index"],
        leafHash: try row.decode(Digest.self, forColumn: "leaf_hash"))
    }
  }
}
