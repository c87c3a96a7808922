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
  }

  /// The newest link; nil when the journal is empty.
  package func head() throws -> Link? {
    let statement = try db.cachedStatement(
      sql: "SELECT * FROM journal ORDER BY number DESC LIMIT 1")
    return try Row.fetchOne(statement).map(Self.link)
  }

  package func append(
    _ digest: Digest, first: Int64, last: Int64, at now: Timestamp
  ) throws -> Link {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO journal (first_transfer, last_transfer, digest, create_time)
        VALUES (?, ?, ?, ?)
        """)
    try statement.execute(arguments: [first, last, digest, now])
    return Link(
      number: db.lastInsertedRowID, firstTransfer: first, lastTransfer: last, digest: digest)
  }

  /// Every link, in order, for verification.
  package func forEach(_ body: (Link) throws -> Void) throws {
    let statement = try db.cachedStatement(sql: "SELECT * FROM journal ORDER BY number")
    let rows = try Row.fetchCursor(statement)
    while let row = try rows.next() { try body(Self.link(row)) }
  }

  private static func link(_ row: Row) throws -> Link {
    Link(
      number: row["number"], firstTransfer: row["first_transfer"],
      lastTransfer: row["last_transfer"],
      digest: try row.decode(Digest.self, forColumn: "digest"))
  }
}
