import Crypto
import Model
import TransparencyLog

/// A log that a witness is asked about, and that may show two histories.
struct WitnessScene {
  let log: NoteSigner
  let witness: WitnessSigner
  let tree: StoredTiles
  let fork: StoredTiles
  private let entries: Int

  init(entries: Int = 300) throws {
    self.entries = entries
    log = try NoteSigner(name: "ndx.local/audit", key: .generate())
    witness = try WitnessSigner(name: "witness.example/w1", key: .generate())
    let leaves = ReferenceTree.entries(entries)
    tree = StoredTiles(leaves)
    fork = StoredTiles(leaves.dropLast() + [Array("another".utf8)])
  }

  func note(_ size: Int, of tree: StoredTiles? = nil) throws -> SignedNote {
    var reader = (tree ?? self.tree).reader
    return try log.sign(
      Checkpoint(
        origin: log.verifierKey.name, size: size, root: try reader.root(size: size)
      ).text)
  }

  func seen(_ size: Int) throws -> WitnessedCheckpoint {
    let note = try note(size)
    return WitnessedCheckpoint(checkpoint: try Checkpoint(text: note.text), note: note)
  }

  func request(
    from old: Int, to size: Int, of tree: StoredTiles? = nil
  ) throws -> AddCheckpointRequest {
    var reader = (tree ?? self.tree).reader
    return AddCheckpointRequest(
      oldSize: old,
      proof: old <= size ? try reader.consistencyProof(from: old, to: size) : [],
      checkpoint: try note(size, of: tree))
  }

  func decide(
    _ request: AddCheckpointRequest, remembering size: Int?
  ) throws -> WitnessDecision {
    WitnessRule.decide(
      request, keys: [log.verifierKey], remembered: try size.map { try seen($0) })
  }
}
