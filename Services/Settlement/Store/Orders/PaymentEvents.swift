package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The events of the outbox from which payouts follow: of orders' payments, and of the ends of clearing windows.
package struct PaymentEvents {
  /// The outbox keeps them: a payout that waits for witnesses is shown by the receipt of what it follows from.
  package static let kinds: Set<String> = ["order.funded", "window.closed"]
  static let index = """
    CREATE INDEX outbox_payment ON outbox (json_extract(subjects, '$[0]'))
      WHERE kind = 'order.funded'
    """
  static let closings = """
    CREATE INDEX outbox_window_end ON outbox (json_extract(subjects, '$[0]'))
      WHERE kind = 'window.closed'
    """

  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// An event of the outbox with its receipt.
  package struct Logged: Sendable, Hashable {
    package let eventID: EventID
    package let logIndex: Int64
    package let leafHash: Digest
  }

  /// The event of an order's payment or of a window's end; nil while there is none or audit has not taken it.
  package func find(_ source: PayoutSource) throws -> Logged? {
    let kind =
      switch source {
      case .order: "order.funded"
      case .window: "window.closed"
      }
    // The kind is part of the text so that its index is used.
    let statement = try db.cachedStatement(
      sql: """
        SELECT event_id, log_index, leaf_hash FROM outbox
        WHERE kind = '\(kind)' AND json_extract(subjects, '$[0]') = ?
          AND log_index IS NOT NULL
        """)
    return try Row.fetchOne(statement, arguments: [source.subject]).map { row in
      Logged(
        eventID: try row.id("event_id"), logIndex: row["log_index"],
        leafHash: try row.decode(Digest.self, forColumn: "leaf_hash"))
    }
  }
}
