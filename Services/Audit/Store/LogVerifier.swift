package import GRDB
import Model
package import TransparencyLog

/// Checks the stored log against itself and against what was signed, trusting no memory: always on
/// another connection than the one that writes.
package struct LogVerifier {
  private static let chunk = 16 * TileCoordinate.width
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Re-reads and re-hashes every entry after `edge` and returns the edge of the whole log.
  /// - Throws: `LogCorruption` when the tiles, or their root, are not those of the entries.
  package func growth(of edge: TreeEdge) throws -> TreeEdge {
    let size = try EntryTable(db).size()
    guard size >= edge.size else { throw LogCorruption("entry \(size) is missing") }
    var edge = edge
    while edge.size < size {
      let end = min(edge.size + Self.chunk, size)
      for tile in edge.append(try EntryTable(db).leafHashes(from: edge.size, to: end)) {
        try verify(tile, isLast: end == size)
      }
    }
    guard try tileRoot(size: size) == edge.root else {
      throw LogCorruption("the tiles of size \(size) are not those of the entries")
    }
    return edge
  }

  /// Checks, before the log is opened, that the newest checkpoint is one that `key` signed and that
  /// the log still leads to it; that tiles fit together; and that the newest entries, at least
  /// `recheckedEntries` and all since the checkpoint, are those of the tiles.
  /// - Returns: the edge of the log, which no entry written since can have changed.
  /// - Throws: `LogCorruption`.
  package func opening(_ key: VerifierKey, recheckedEntries: Int) throws -> TreeEdge {
    let size = try EntryTable(db).size()
    let checkpoint = try CheckpointTable(db).latest()
    if let checkpoint {
      guard checkpoint.size <= size else {
        throw LogCorruption(
          "the log has \(size) entries but size \(checkpoint.size) was signed: an old copy?")
      }
      try verify(checkpoint, key)
    }
    let oldest = min(checkpoint?.size ?? 0, max(0, size - recheckedEntries))
    let start = oldest / TileCoordinate.width * TileCoordinate.width
    guard let edge = try TileTable(db).edge(size: start) else {
      throw LogCorruption("the tiles of size \(start) are incomplete")
    }
    return try growth(of: edge)
  }

  private func verify(_ checkpoint: SignedCheckpoint, _ key: VerifierKey) throws {
    let signed: Checkpoint
    do {
      signed = try Checkpoint.verified(checkpoint.note.utf8, with: key)
    } catch let error as LogFormatError {
      throw LogCorruption("the checkpoint of size \(checkpoint.size): \(error)")
    }
    guard signed.size == checkpoint.size, signed.root == checkpoint.root,
      try tileRoot(size: signed.size) == signed.root
    else { throw LogCorruption("the log is not the one signed at size \(checkpoint.size)") }
  }

  private func verify(_ tile: TreeEdge.Growth, isLast: Bool) throws {
    let coordinate = tile.coordinate
    let stored = try TileTable(db).hashes(coordinate)
    let isWhole = isLast || tile.hashes.count == TileCoordinate.width
    guard isWhole ? stored == tile.hashes : stored?.starts(with: tile.hashes) == true else {
      throw LogCorruption(
        "tile \(coordinate.index) of level \(coordinate.level) is not that of the entries")
    }
  }

  private func tileRoot(size: Int) throws -> Digest {
    var reader = TileTable(db).reader
    do {
      return try reader.root(size: size)
    } catch let missing as MissingTile {
      throw LogCorruption(
        "tile \(missing.coordinate.index) of level \(missing.coordinate.level) is incomplete")
    }
  }
}
