import Crypto
import Model
import TransparencyLog

/// A log of a few entries in memory, to ask witnesses about.
struct SmallLog {
  let signer: NoteSigner
  private var tiles: [TileCoordinate: [Digest]] = [:]

  /// Logs with the same signer and another `history` are forks of each other.
  init(_ signer: NoteSigner, entries: Int = 300, history: String = "main") {
    self.signer = signer
    var edge = TreeEdge()
    let leaves = (0..<entries).map { MerkleHash.leaf(Array("\(history) \($0)".utf8)) }
    for tile in edge.append(leaves) { tiles[tile.coordinate] = tile.hashes }
  }

  func request(from old: Int, to size: Int) throws -> AddCheckpointRequest {
    let tiles = tiles
    var reader = TileReader { tiles[$0] }
    let checkpoint = Checkpoint(
      origin: signer.verifierKey.name, size: size, root: try reader.root(size: size))
    return AddCheckpointRequest(
      oldSize: old,
      proof: old <= size ? try reader.consistencyProof(from: old, to: size) : [],
      checkpoint: try signer.sign(checkpoint.text))
  }
}
