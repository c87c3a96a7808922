import AuditDomain
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// An entry as an inspection finds it.
struct InspectedEntry {
  let index: Int
  /// The leaf hash that the records of it agree on.
  let leaf: Digest
  /// The entry; nil unless its bytes have that hash.
  let trustedBody: EntryBody?
  let faults: [LogFault]
}

/// Rows read for an inspection, believing none of them.
struct InspectedRows {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Entries stored, as far as two of three records of it agree: one altered number must not make the log endless.
  func size() throws -> Int {
    let entries = try EntryTable(db).size()
    // A sum that is too large for an integer is none of a log's.
    let numbered = try Double.fetchOne(db, sql: "SELECT TOTAL(next - 1) FROM producer_seq") ?? 0
    let signed = try CheckpointTable(db).latest()?.size ?? 0
    return [entries, Int(exactly: numbered) ?? .max, signed].sorted()[1]
  }

  func entries(from start: Int, to end: Int) throws -> [InspectedEntry] {
    var rows: [Int: (body: EntryBody?, noted: Digest?)] = [:]
    let statement = try FastStatement(
      db,
      "SELECT \(EntryRow.columns), idx FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx")
    statement.bind(Int64(start), at: 0)
    statement.bind(Int64(end), at: 1)
    while try statement.step() {
      rows[Int(statement.int64(EntryRow.count))] = (
        EntryBody(statement, from: 0), statement.digest(EntryRow.count - 1)
      )
    }
    var tile: (index: Int, hashes: [Digest]) = (-1, [])
    return try (start..<end).map { index in
      let (number, offset) = index.quotientAndRemainder(dividingBy: TileCoordinate.width)
      if tile.index != number {
        let hashes = try TileTable(db).hashes(TileCoordinate(level: 0, index: number))
        tile = (number, hashes ?? [])
      }
      return try entry(
        at: index, rows[index], tileHash: offset < tile.hashes.count ? tile.hashes[offset] : nil)
    }
  }

  private func entry(
    at index: Int, _ row: (body: EntryBody?, noted: Digest?)?, tileHash: Digest?
  ) throws -> InspectedEntry {
    let own = row?.body.map { MerkleHash.leaf($0.bytes) }
    let records = [own, row?.noted, tileHash].compactMap(\.self)
    let leaf =
      records.first { hash in records.count { $0 == hash } > 1 } ?? records.first
      ?? MerkleHash.empty
    let body = own == leaf ? row?.body : nil
    var faults: [LogFault] = []
    let tile = TileCoordinate(level: 0, index: index / TileCoordinate.width)
    if row == nil {
      faults.append(.missing(.entry, index))
    } else if body == nil || row?.noted != leaf {
      faults.append(.altered(.entry, index))
    }
    if let body, try EntryTable(db).index(of: body.eventID) != index {
      faults.append(.altered(.eventID, index))
    }
    if tileHash != leaf {
      faults.append(tileHash == nil ? .missing(.tile, tile) : .altered(.tile, tile))
    }
    return InspectedEntry(index: index, leaf: leaf, trustedBody: body, faults: faults)
  }

  func nextSequences() throws -> [String: Int64] {
    let rows = try Row.fetchAll(db, sql: "SELECT producer, next FROM producer_seq")
    return Dictionary(rows.map { ($0["producer"], $0["next"]) }) { first, _ in first }
  }

  /// Rows that a log of `size` entries does not have, and tiles whose width is not that of such a log.
  func surplus(beyond size: Int) throws -> [LogFault] {
    let entries = try Int.fetchAll(
      db, sql: "SELECT idx FROM entry WHERE idx >= ? OR idx < 0 LIMIT 100", arguments: [size])
    let checkpoints = try Int.fetchAll(
      db, sql: "SELECT size FROM checkpoint WHERE size > ? OR size < 0 LIMIT 100",
      arguments: [size])
    let details = try Int.fetchAll(
      db, sql: "SELECT idx FROM details WHERE idx >= ? OR idx < 0 LIMIT 100", arguments: [size])
    var faults = entries.map { LogFault.surplus(.entry, $0) }
    faults += details.map { .surplus(.details, $0) }
    faults += checkpoints.map { .surplus(.checkpoint, $0) }
    let tiles = try Row.fetchCursor(
      db, sql: "SELECT level, n, width, length(data) AS bytes FROM tile")
    while let row = try tiles.next() {
      let (level, number, width): (Int, Int, Int) = (row["level"], row["n"], row["width"])
      let tile = TileCoordinate(level: level, index: number)
      let expected =
        (0..<8).contains(level) && (0...size).contains(number) ? tile.width(inLogOf: size) : 0
      if expected == 0 {
        faults.append(.surplus(.tile, tile))
      } else if width != expected || row["bytes"] != 32 * expected {
        faults.append(.altered(.tile, tile))
      }
    }
    return faults
  }
}
