package import Model

/// Hashes of subtrees looked up in tiles: what proofs are made from. It keeps what it has
/// looked up and computed: use one for all proofs of a request, and no longer.
package struct TileReader {
  private let load: (TileCoordinate) throws -> [Digest]?
  private var tiles: [TileCoordinate: [Digest]] = [:]
  private var computed: [Subtree: Digest] = [:]

  /// - Parameter load: the hashes stored for a tile, possibly more than a smaller log had; nil when
  ///   there is no such tile.
  package init(load: @escaping (TileCoordinate) throws -> [Digest]?) {
    self.load = load
  }

  /// The root of the first `size` entries.
  package mutating func root(size: Int) throws -> Digest {
    try MerkleTree.root(size: size) { try hash(of: $0) }
  }

  /// As `MerkleTree.inclusionProof`.
  package mutating func inclusionProof(index: Int, size: Int) throws -> [Digest] {
    try MerkleTree.inclusionProof(index: index, size: size) { try hash(of: $0) }
  }

  /// As `MerkleTree.consistencyProof`.
  package mutating func consistencyProof(from first: Int, to second: Int) throws -> [Digest] {
    try MerkleTree.consistencyProof(from: first, to: second) { try hash(of: $0) }
  }

  /// The hash of a full subtree. Throws `MissingTile` when its tile does not reach that far.
  package mutating func hash(of subtree: Subtree) throws -> Digest {
    if subtree.height % TileCoordinate.height == 0 { return try stored(subtree) }
    if let known = computed[subtree] { return known }
    let left = Subtree(height: subtree.height - 1, position: subtree.position * 2)
    let right = Subtree(height: subtree.height - 1, position: subtree.position * 2 + 1)
    let hash = MerkleHash.node(try hash(of: left), try hash(of: right))
    computed[subtree] = hash
    return hash
  }

  private mutating func stored(_ subtree: Subtree) throws -> Digest {
    let (index, offset) = subtree.position.quotientAndRemainder(dividingBy: TileCoordinate.width)
    let coordinate = TileCoordinate(level: subtree.height / TileCoordinate.height, index: index)
    if tiles[coordinate] == nil { tiles[coordinate] = try load(coordinate) ?? [] }
    guard let hashes = tiles[coordinate], offset < hashes.count else {
      throw MissingTile(coordinate: coordinate)
    }
    return hashes[offset]
  }
}

/// A tile that the log should have is not there, or is shorter than the log's size demands.
package struct MissingTile: Error, Sendable, Hashable {
  package let coordinate: TileCoordinate

  package init(coordinate: TileCoordinate) { self.coordinate = coordinate }
}
