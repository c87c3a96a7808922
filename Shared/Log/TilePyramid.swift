package import Model

/// A tile with the nodes above its hashes, up to the two below its root: every full subtree within it
/// is looked up, not computed. The hashes of a tile never change, only more come; so neither do those of
/// a pyramid, and one of a wider tile also serves a smaller log.
package struct TilePyramid: Sendable {
  /// By height above the tile's hashes, which are the first row.
  private let rows: [[Digest]]

  /// - Parameter hashes: those of the tile, at most 256.
  package init(_ hashes: [Digest]) {
    var rows = [hashes]
    while rows.count < TileCoordinate.height, let below = rows.last, below.count > 1 {
      rows.append(
        (0..<below.count / 2).map { MerkleHash.node(below[$0 * 2], below[$0 * 2 + 1]) })
    }
    self.rows = rows
  }

  /// Most bytes of memory for the nodes of one.
  package static let bytes = 2 * TileCoordinate.width * MemoryLayout<Digest>.size

  /// Hashes of the tile.
  package var width: Int { rows[0].count }

  /// The hash of the `position`-th subtree of 2^height of the tile's hashes; nil when the tile does not
  /// reach that far.
  package func hash(height: Int, position: Int) -> Digest? {
    guard height < rows.count, position < rows[height].count else { return nil }
    return rows[height][position]
  }
}
