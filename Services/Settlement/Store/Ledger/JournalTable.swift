package import GRDB
package import Model
import ServiceRuntime

/// The ledger's journal: one link for each commit that added transfers.
package struct JournalTable {
  let db: Database

  package init(_ db: Database) { self.db = db }

  /// One link and the transfers it covers, by number.
  package struct Link: Sendable, Hashable {
    package let number: Int64
    package let firstTransfer: Int64
    package let lastTransfer: Int64
    package let digest: Digest
    /// The newest record that it covers.
    package let lastRecord: Int64
    /// Four bytes for each transfer and then each record; nil in links of the first version.
    package let seals: [UInt8]?
  }

  /// The newest link; nil when the journal is empty.
  package func head() throws -> Link? {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM journal ORDER BY number DESC LIMIT 1")
    return try Row.fetchOne(statement).map(Self.link)
  }

  package func append(
    _ digest: Digest, first: Int64, last: Int64, lastRecord: Int64, seals: [UInt8],
    at now: Timestamp
  ) throws -> Link {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO journal (first_transfer, last_transfer, digest, create_time, last_record, seals)
        VALUES (?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [first, last, digest, now, lastRecord, Blob(seals)])
    return Link(
      number: db.lastInsertedRowID, firstTransfer: first, lastTransfer: last, digest: digest,
      lastRecord: lastRecord, seals: seals)
  }

  /// The next link after a number; nil when there is none.
  package func next(after number: Int64) throws -> Link? {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM journal WHERE number > ? ORDER BY number LIMIT 1")
    return try Row.fetchOne(statement, arguments: [number]).map(Self.link)
  }

  /// Calls `body` with each record after one up to another, in order, encoded for the link.
  package func records(
    after: Int64, through last: Int64, _ body: (Int64, [UInt8]) throws -> Void
  ) throws {
    let statement = try db.cachedStatement(
      sql:
        "SELECT number, key, content FROM ledger_record WHERE number > ? AND number <= ? ORDER BY number"
    )
    let rows = try Row.fetchCursor(statement, arguments: [after, last])
    while let row = try rows.next() {
      let number: Int64 = row["number"]
      let (key, content): (String, String) = (row["key"], row["content"])
      try body(number, Array("\(number)\0\(key)\0\(content)\n".utf8))
    }
  }

  private static func link(_ row: Row) throws -> Link {
    Link(
      number: row["number"], firstTransfer: row["first_transfer"],
      lastTransfer: row["last_transfer"],
      digest: try row.decode(Digest.self, forColumn: "digest"),
      lastRecord: row["last_record"],
      seals: try row.decode(Blob?.self, forColumn: "seals")?.bytes)
  }
}
