import Foundation
package import GRDB
package import Model
import ServiceRuntime

/// Every version of the routing table; the newest one counts.
package enum RoutingTableStore {
  static let migration = Migration(
    "routing table of settlement's partitions",
    sql: """
      CREATE TABLE routing (
        version INTEGER PRIMARY KEY CHECK (version >= 1),
        -- The partitions, as JSON of the proto.
        partitions TEXT NOT NULL CHECK (json_valid(partitions)),
        update_time INTEGER NOT NULL
      ) STRICT;
      CREATE TRIGGER routing_is_immutable BEFORE UPDATE ON routing
      BEGIN SELECT RAISE(ABORT, 'a version of the table never changes'); END;
      CREATE TRIGGER routing_stays BEFORE DELETE ON routing
      BEGIN SELECT RAISE(ABORT, 'a version of the table is never deleted'); END;
      """)

  /// The table that counts; version 0, without partitions, until one is set.
  package static func current(_ db: Database) throws -> IdentityV1.RoutingTable {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM routing ORDER BY version DESC LIMIT 1"))
    guard let row else { return IdentityV1.RoutingTable() }
    let text: String = row["partitions"]
    return IdentityV1.RoutingTable(
      version: row["version"],
      partitions: try JSONDecoder().decode([IdentityV1.Partition].self, from: Data(text.utf8)),
      updateTime: row["update_time"])
  }

  package static func insert(_ table: IdentityV1.RoutingTable, _ db: Database) throws {
    let text = String(decoding: try JSONEncoder().encode(table.partitions), as: UTF8.self)
    try db.execute(
      sql: "INSERT INTO routing (version, partitions, update_time) VALUES (?, ?, ?)",
      arguments: [table.version, text, table.updateTime])
  }
}
