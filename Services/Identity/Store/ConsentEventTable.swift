import Foundation
package import GRDB
package import IdentityDomain
package import Model
import ServiceRuntime

/// What happened to consents, in order.
package enum ConsentEventTable {
  /// Appends what was decided or done.
  package static func append(
    _ kind: IdentityV1.ConsentEventKind, to consent: Consent, reason: String = "",
    order: OrderID? = nil, at now: Timestamp, _ db: Database
  ) throws {
    let signature = kind == .given ? consent.signature : nil
    try db.cachedStatement(
      sql: """
        INSERT INTO consent_event (consent_id, kind, reason, order_id, certificate, signature, time)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      consent.id, try StoredEnum.text(kind), reason, order,
      signature.map { Blob($0.certificate) }, signature.map { Blob($0.bytes) }, now,
    ])
  }

  /// The latest, oldest of them first.
  package static func list(
    of id: ConsentID, limit: Int, _ db: Database
  ) throws -> [IdentityV1.ConsentEvent] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: "SELECT * FROM consent_event WHERE consent_id = ? ORDER BY number DESC LIMIT ?"),
      arguments: [id, limit]
    ).reversed().map { row in
      IdentityV1.ConsentEvent(
        kind: try StoredEnum.value("kind", of: row), createTime: row["time"],
        reason: row["reason"], orderID: row["order_id"])
    }
  }

  /// Whether an order has used the consent.
  package static func isUsed(_ id: ConsentID, by order: OrderID, _ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: "SELECT EXISTS (SELECT 1 FROM consent_event WHERE consent_id = ? AND order_id = ?)"),
      arguments: [id, order]) ?? false
  }

  /// Whether any order has.
  package static func isUsed(_ id: ConsentID, _ db: Database) throws -> Bool {
    try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM consent_event
            WHERE consent_id = ? AND order_id IS NOT NULL)
          """), arguments: [id]) ?? false
  }

  /// How many orders other than `order` have used it since `time`.
  package static func uses(
    of id: ConsentID, since time: Timestamp, otherThan order: OrderID?, _ db: Database
  ) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT count(*) FROM consent_event
          WHERE consent_id = ? AND order_id IS NOT NULL AND order_id IS NOT ? AND time >= ?
          """), arguments: [id, order, time]) ?? 0
  }

  static func latestDecision(
    on id: ConsentID, _ db: Database
  ) throws -> (standing: ConsentStanding, time: Timestamp) {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT kind, time FROM consent_event WHERE consent_id = ? AND order_id IS NULL
          ORDER BY number DESC LIMIT 1
          """), arguments: [id])
    guard let row else { throw DatabaseError(message: "a consent without a beginning") }
    let kind: IdentityV1.ConsentEventKind = try StoredEnum.value("kind", of: row)
    let standing: ConsentStanding =
      switch kind {
      case .given, .resumed: .given
      case .paused: .paused
      case .withdrawn: .withdrawn
      case .requested, .used, .unspecified, .unrecognized: .requested
      }
    return (standing, row["time"])
  }

  static func signature(of id: ConsentID, _ db: Database) throws -> ConsentSignature? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT certificate, signature FROM consent_event
          WHERE consent_id = ? AND signature IS NOT NULL
          """), arguments: [id]
    ).map { row in
      ConsentSignature(
        certificate: try row.decode(Blob.self, forColumn: "certificate").bytes,
        bytes: try row.decode(Blob.self, forColumn: "signature").bytes)
    }
  }
}

/// A list of strings, stored as a JSON array.
enum StoredList {
  static func text(_ values: [String]) throws -> String {
    String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
  }

  static func values(_ text: String) throws -> [String] {
    try JSONDecoder().decode([String].self, from: Data(text.utf8))
  }
}
