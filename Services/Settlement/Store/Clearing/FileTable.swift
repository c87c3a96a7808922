package import GRDB
package import Model
import ServiceRuntime
package import SettlementDomain

/// The files that were sent to banks.
package struct FileTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// A file as it was sent.
  package struct Stored: Sendable, Hashable {
    package let messageID: String
    package let content: [UInt8]
    package let digest: Digest
    package let payments: Int32

    package init(messageID: String, content: [UInt8], digest: Digest, payments: Int32) {
      self.messageID = messageID
      self.content = content
      self.digest = digest
      self.payments = payments
    }
  }

  /// The last file of a window in a form.
  package func last(
    _ window: WindowID, _ format: PaymentFormat, _ direction: LegDirection
  ) throws -> Stored? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT * FROM clearing_file
        WHERE window = (SELECT number FROM clearing_window WHERE id = ?) AND format = ?
          AND direction = ? ORDER BY sequence DESC LIMIT 1
        """)
    return try Row.fetchOne(
      statement, arguments: [window, format.rawValue, direction.rawValue]
    ).map { row in
      Stored(
        messageID: row["message_id"],
        content: try row.decode(Blob.self, forColumn: "content").bytes,
        digest: try row.decode(Digest.self, forColumn: "digest"), payments: row["payments"])
    }
  }

  /// How many files a window has.
  package func count(_ window: WindowID) throws -> Int64 {
    let statement = try db.cachedStatement(
      sql: """
        SELECT COUNT(*) FROM clearing_file
        WHERE window = (SELECT number FROM clearing_window WHERE id = ?)
        """)
    return try Int64.fetchOne(statement, arguments: [window]) ?? 0
  }

  package func insert(_ file: PaymentFile, _ stored: Stored) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO clearing_file (window, environment, format, direction, sequence, message_id,
          content, digest, payments, create_time)
        VALUES ((SELECT number FROM clearing_window WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      file.window, file.key.environment.rawValue, file.format.rawValue, file.direction.rawValue,
      file.sequence, stored.messageID, Blob(stored.content), stored.digest, stored.payments,
      file.createTime,
    ])
    let number = db.lastInsertedRowID
    for payment in file.payments {
      let statement = try db.cachedStatement(
        sql: "INSERT INTO clearing_file_leg (file, end_to_end_id) VALUES (?, ?)")
      try statement.execute(arguments: [number, payment.leg.endToEndID(file.key.environment)])
    }
  }

  /// References of the payments in a file.
  package func references(_ messageID: String) throws -> [String] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT end_to_end_id FROM clearing_file_leg
        WHERE file = (SELECT number FROM clearing_file WHERE message_id = ?) ORDER BY end_to_end_id
        """)
    return try String.fetchAll(statement, arguments: [messageID])
  }
}
