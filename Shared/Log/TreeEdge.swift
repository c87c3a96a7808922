package import Model

/// The right edge of a Merkle tree: for each level of tiles the one that is not full yet. All that
/// a log needs to remember to take in the next entry, whatever its size.
package struct TreeEdge: Sendable, Equatable {
  /// A tile that grew, with all of its hashes so far.
  package struct Growth: Sendable, Hashable {
    package let coordinate: TileCoordinate
    package let hashes: [Digest]
  }

  /// Leaves in the tree.
  package private(set) var size = 0
  private var partial: [[Digest]] = []

  package init() {}

  /// Rebuilds the edge of a tree of `size` leaves from its stored tiles.
  ///
  /// - Parameter tile: the hashes stored for a tile; nil when there is none.
  /// - Returns: nil when a tile of the edge is missing or holds another number of hashes than a tree
  ///   of this size has.
  package init?(size: Int, tile: (TileCoordinate) throws -> [Digest]?) rethrows {
    self.size = size
    var rest = size
    while rest > 0 {
      let coordinate = TileCoordinate(level: partial.count, index: rest / TileCoordinate.width)
      let width = rest % TileCoordinate.width
      let hashes = width == 0 ? [] : try tile(coordinate) ?? []
      guard hashes.count == width else { return nil }
      partial.append(hashes)
      rest /= TileCoordinate.width
    }
  }

  /// The tiles of the edge, as `init(size:tile:)` needs them.
  package var tiles: [Growth] {
    partial.indices.filter { !partial[$0].isEmpty }.map { tile(level: $0) }
  }

  private func tile(level: Int) -> Growth {
    Growth(
      coordinate: TileCoordinate(
        level: level, index: size >> (TileCoordinate.height * (level + 1))),
      hashes: partial[level])
  }

  /// Takes in the next leaves and returns the tiles that grew, each once, in its last state, lower
  /// levels first.
  package mutating func append(_ leaves: some Sequence<Digest>) -> [Growth] {
    var full: [Growth] = []
    var grown = 0
    for leaf in leaves {
      size += 1
      var hash = leaf
      var level = 0
      while true {
        if level == partial.count { partial.append([]) }
        partial[level].append(hash)
        grown = max(grown, level + 1)
        guard partial[level].count == TileCoordinate.width else { break }
        let index = (size >> (TileCoordinate.height * (level + 1))) - 1
        full.append(
          Growth(
            coordinate: TileCoordinate(level: level, index: index), hashes: partial[level]))
        hash = MerkleHash.perfectRoot(partial[level])
        partial[level].removeAll(keepingCapacity: true)
        level += 1
      }
    }
    return full + (0..<grown).filter { !partial[$0].isEmpty }.map { tile(level: $0) }
  }

  /// The root of the tree.
  package var root: Digest {
    MerkleTree.root(size: size) { subtree in
      let level = subtree.height / TileCoordinate.height
      let count = 1 << (subtree.height % TileCoordinate.height)
      let start = subtree.position * count % TileCoordinate.width
      return MerkleHash.perfectRoot(partial[level][start..<(start + count)])
    }
  }
}
