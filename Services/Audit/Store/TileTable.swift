package import GRDB
package import Model
import ServiceRuntime
package import TransparencyLog

/// Rows of `tile`: the newest state of each tile. A smaller log's hashes are the first of them.
package struct TileTable {
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func store(_ tiles: [TreeEdge.Growth]) throws {
    let statement = try FastStatement(
      db,
      """
      INSERT INTO tile (level, n, width, data) VALUES (?, ?, ?, ?)
      ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, data = excluded.data
      """)
    for tile in tiles {
      statement.bind(Int64(tile.coordinate.level), at: 0)
      statement.bind(Int64(tile.coordinate.index), at: 1)
      statement.bind(Int64(tile.hashes.count), at: 2)
      // A digest is its 32 bytes.
      tile.hashes.withUnsafeBytes { statement.bind(blob: $0, at: 3) }
      try statement.run()
    }
  }

  /// Nil when there is no such tile.
  package func hashes(_ coordinate: TileCoordinate) throws -> [Digest]? {
    let statement = try FastStatement(db, "SELECT data FROM tile WHERE level = ? AND n = ?")
    statement.bind(Int64(coordinate.level), at: 0)
    statement.bind(Int64(coordinate.index), at: 1)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    let bytes = statement.bytes(0)
    return stride(from: 0, to: bytes.count, by: 32).compactMap {
      Digest(bytes: bytes[$0..<min($0 + 32, bytes.count)])
    }
  }

  /// Proofs and roots from the tiles as they are now, for any size up to the log's.
  package var reader: TileReader {
    let table = self
    return TileReader { try table.hashes($0) }
  }

  /// The right edge as it was when the log had `size` entries; nil when tiles are missing or short.
  package func edge(size: Int) throws -> TreeEdge? {
    try TreeEdge(size: size) { coordinate in
      try hashes(coordinate).map { Array($0.prefix(coordinate.width(inLogOf: size))) }
    }
  }
}
