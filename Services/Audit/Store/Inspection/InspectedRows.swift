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

  /// Entries stored, as far as two of three records of it agree: one altered index must not make the log endless.
  func size() throws -> Int {
    let entries = try EntryTable(db).size()
    let events = try Int.fetchOne(db, sql: "SELECT MAX(idx) + 1 FROM idem") ?? 0
    let signed = try CheckpointTable(db).latest()?.size ?? 0
    return [entries, events, signed].sorted()[1]
  }

  func entries(from start: Int, to end: Int) throws -> [InspectedEntry] {
    let statement = try db.cachedStatement(
      sql: """
        SELECT entry.idx, entry.body, entry.kind, entry.time FROM entry
        WHERE entry.idx >= ? AND entry.idx < ? ORDER BY entry.idx
        """)
    let events = try db.cachedStatement(
      sql: "SELECT event_id, producer, body_hash FROM idem WHERE idx = ?")
    let rows = try Row.fetchAll(statement, arguments: [start, end])
    let byIndex = Dictionary(rows.map { ($0["idx"] as Int, $0) }) { first, _ in first }
    var tile: (index: Int, hashes: [Digest]) = (-1, [])
    return try (start..<end).map { index in
      let (number, offset) = index.quotientAndRemainder(dividingBy: TileCoordinate.width)
      if tile.index != number {
        let hashes = try TileTable(db).hashes(TileCoordinate(level: 0, index: number))
        tile = (number, hashes ?? [])
      }
      return Self.entry(
        at: index, row: byIndex[index], event: try Row.fetchOne(events, arguments: [index]),
        tileHash: offset < tile.hashes.count ? tile.hashes[offset] : nil)
    }
  }

  private static func entry(
    at index: Int, row: Row?, event: Row?, tileHash: Digest?
  ) -> InspectedEntry {
    let bytes = row.flatMap { Blob.fromDatabaseValue($0["body"]) }?.bytes
    let own = bytes.map { MerkleHash.leaf($0) }
    let noted = event.flatMap { Digest.fromDatabaseValue($0["body_hash"]) }
    let records = [own, noted, tileHash].compactMap(\.self)
    let leaf =
      records.first { hash in records.count { $0 == hash } > 1 } ?? records.first
      ?? MerkleHash.empty
    let body = own == leaf ? bytes.flatMap { try? EntryBody($0) } : nil
    var faults: [LogFault] = []
    let tile = TileCoordinate(level: 0, index: index / TileCoordinate.width)
    if row == nil {
      faults.append(.missing(.entry, index))
    } else if body == nil || row?["kind"] != body?.kind
      || row?["time"] != body?.time.microseconds
    {
      faults.append(.altered(.entry, index))
    }
    if event == nil {
      faults.append(.missing(.eventID, index))
    } else if noted != leaf || body.map({ isOther($0, event) }) == true {
      faults.append(.altered(.eventID, index))
    }
    if tileHash != leaf {
      faults.append(tileHash == nil ? .missing(.tile, tile) : .altered(.tile, tile))
    }
    return InspectedEntry(index: index, leaf: leaf, trustedBody: body, faults: faults)
  }

  private static func isOther(_ body: EntryBody, _ event: Row?) -> Bool {
    event.flatMap { EventID.fromDatabaseValue($0["event_id"]) } != body.eventID
      || event?["producer"] != body.producer
  }

  func nextSequences() throws -> [String: Int64] {
    let rows = try Row.fetchAll(db, sql: "SELECT producer, next FROM producer_seq")
    return Dictionary(rows.map { ($0["producer"], $0["next"]) }) { first, _ in first }
  }

  /// Rows that a log of `size` entries does not have, and tiles whose width is not that of such a log.
  func surplus(beyond size: Int) throws -> [LogFault] {
    let entries = try Int.fetchAll(
      db, sql: "SELECT idx FROM entry WHERE idx >= ? LIMIT 100", arguments: [size])
    let checkpoints = try Int.fetchAll(
      db, sql: "SELECT size FROM checkpoint WHERE size > ? OR size < 0 LIMIT 100",
      arguments: [size])
    var faults = entries.map { LogFault.surplus(.entry, $0) }
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
