package import Model

/// Hashes of subtrees looked up in tiles: what proofs are made from. It keeps the tiles that it has
/// looked up: use one for all proofs of a request, and no longer.
package struct TileReader {
  private let load: (TileCoordinate) throws -> TilePyramid?
  private var tiles: [TileCoordinate: TilePyramid] = [:]

  /// - Parameter load: the hashes stored for a tile, possibly more than a smaller log had; nil when
  ///   there is no such tile.
  package init(load: @escaping (TileCoordinate) throws -> [Digest]?) {
    self.init(pyramids: { try load($0).map { TilePyramid($0) } })
  }

  /// - Parameter pyramids: as with hashes, for who has the nodes above them at hand.
  package init(pyramids: @escaping (TileCoordinate) throws -> TilePyramid?) {
    load = pyramids
  }

  /// The root of the first `size` entries.
  package mutating func root(size: Int) throws -> Digest {
    try MerkleTree.root(size: size) { try hash(of: $0) }
  }

  /// As `MerkleTree.inclusionProof`.
  package mutating func inclusionProof(index: Int, size: Int) throws -> [Digest] {
    try MerkleTree.inclusionProof(index: index, size: size) { try hash(of: $0) }
  }

  /// As `MerkleTree.inclusionProof`.
  package mutating func inclusionProof(index: Int, in tree: TreeSuffixes) throws -> [Digest] {
    try MerkleTree.inclusionProof(index: index, in: tree) { try hash(of: $0) }
  }

  /// The hashes that proofs against the tree of `size` entries share.
  package mutating func suffixes(size: Int) throws -> TreeSuffixes {
    try TreeSuffixes(size: size) { try hash(of: $0) }
  }

  /// As `MerkleTree.consistencyProof`.
  package mutating func consistencyProof(from first: Int, to second: Int) throws -> [Digest] {
    try MerkleTree.consistencyProof(from: first, to: second) { try hash(of: $0) }
  }

  /// The hash of a full subtree. Throws `MissingTile` when its tile does not reach that far.
  package mutating func hash(of subtree: Subtree) throws -> Digest {
    let (level, height) = subtree.height.quotientAndRemainder(dividingBy: TileCoordinate.height)
    let (index, position) = subtree.position.quotientAndRemainder(
      dividingBy: TileCoordinate.width >> height)
    let coordinate = TileCoordinate(level: level, index: index)
    guard let hash = try tile(coordinate)?.hash(height: height, position: position) else {
      throw MissingTile(coordinate: coordinate)
    }
    return hash
  }

  private mutating func tile(_ coordinate: TileCoordinate) throws -> TilePyramid? {
    if let known = tiles[coordinate] { return known }
    let tile = try load(coordinate)
    tiles[coordinate] = tile
    return tile
  }
}

/// A tile that the log should have is not there, or is shorter than the log's size demands.
package struct MissingTile: Error, Sendable, Hashable {
  package let coordinate: TileCoordinate

  package init(coordinate: TileCoordinate) { self.coordinate = coordinate }
}
