import Crypto
import Model
import RPC
import ServiceRuntime
import Synchronization
import TransparencyLog

/// The proofs of a log in memory, signed with a real key; it lies when told to.
final class SignedMemoryLog: Sendable {
  enum Lie: Sendable {
    case truth
    /// The log is smaller than it has said.
    case shrunk(to: Int)
    /// It is another one from this entry on.
    case forked(at: Int)
    /// Somebody else signs in its name.
    case otherKey
    /// It shows the right key, and another one has signed.
    case wrongSignature
    case malformed
    /// Proofs are of another entry.
    case wrongProofs
    /// It has signed, and proves nothing.
    case refusal(RPCStatus)
    /// No call is answered.
    case silence
    /// It signs nothing beyond this size.
    case stuck(at: Int)
  }
  private struct State {
    var lie = Lie.truth
    var calls = 0
  }
  let memory: MemoryLog
  let signer: NoteSigner
  let other: NoteSigner
  private let state = Mutex(State())

  init(_ memory: MemoryLog) throws {
    self.memory = memory
    signer = try NoteSigner(name: "log.test/ndx", key: try Ed25519PrivateKey.generate())
    other = try NoteSigner(name: "log.test/ndx", key: try Ed25519PrivateKey.generate())
  }

  /// From now on.
  func lie(_ lie: Lie) { state.withLock { $0.lie = lie } }

  /// Proofs that were asked for.
  var calls: Int { state.withLock { $0.calls } }

  var proofs: LogProofs {
    LogProofs(
      checkpoint: { _ in try self.checkpoint() }, consistency: { try self.consistency($0) },
      inclusion: { try self.inclusion($0) })
  }

  private var lie: Lie { state.withLock { $0.lie } }

  private var leaves: [Digest] {
    let leaves = memory.leaves
    guard case .forked(let index) = lie else { return leaves }
    return leaves.enumerated().map { $0 < index ? $1 : Digest.sha256(of: $1.bytes) }
  }

  private static func lookup(_ leaves: [Digest]) -> MerkleTree.Lookup {
    { subtree in
      let start = subtree.position << subtree.height
      return MerkleHash.perfectRoot(leaves[start..<(start + 1 << subtree.height)])
    }
  }

  private func checkpoint() throws -> AuditV1.GetCheckpointResponse {
    let leaves = leaves
    var (size, signer, shown) = (leaves.count, signer, signer.verifierKey)
    switch lie {
    case .silence: throw RPCStatus(code: .unavailable, message: "not now")
    case .malformed:
      return .init(checkpoint: "nonsense", verifierKey: shown.description)
    case .shrunk(let smaller), .stuck(let smaller): size = smaller
    case .otherKey: (signer, shown) = (other, other.verifierKey)
    case .wrongSignature: signer = other
    default: break
    }
    let root = try MerkleTree.root(size: size, Self.lookup(leaves))
    let text = Checkpoint(origin: signer.verifierKey.name, size: size, root: root).text
    return .init(checkpoint: "\(try signer.sign(text))", verifierKey: shown.description)
  }

  private func consistency(
    _ request: AuditV1.GetConsistencyProofRequest
  ) throws -> AuditV1.GetConsistencyProofResponse {
    let (first, second) = (Int(request.firstSize), Int(request.secondSize))
    return .init(
      hashes: try MerkleTree.consistencyProof(
        from: first, to: second, Self.lookup(leaves)),
      secondSize: request.secondSize, firstRoot: MerkleHash.empty, secondRoot: MerkleHash.empty)
  }

  private func inclusion(
    _ request: AuditV1.GetInclusionProofRequest
  ) throws -> AuditV1.GetInclusionProofResponse {
    state.withLock { $0.calls += 1 }
    let size = Int(request.treeSize)
    var index = Int(request.index)
    switch lie {
    case .refusal(let status): throw status
    case .wrongProofs: index = index == 0 ? size - 1 : index - 1
    default: break
    }
    return .init(
      leafHash: leaves[index],
      hashes: try MerkleTree.inclusionProof(index: index, size: size, Self.lookup(leaves)),
      treeSize: request.treeSize, rootHash: MerkleHash.empty)
  }
}
