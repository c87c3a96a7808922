import Model
import TransparencyLog

/// A log's tiles in memory, kept as the service keeps them: the newest state of each.
struct StoredTiles {
  var edge = TreeEdge()
  var tiles: [TileCoordinate: [Digest]] = [:]

  init() {}

  init(_ entries: [[UInt8]]) { append(entries) }

  mutating func append(_ entries: some Sequence<[UInt8]>) {
    for growth in edge.append(entries.map { MerkleHash.leaf($0) }) {
      tiles[growth.coordinate] = growth.hashes
    }
  }

  var reader: TileReader {
    let tiles = tiles
    return TileReader { tiles[$0] }
  }
}
