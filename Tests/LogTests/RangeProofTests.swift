import Crypto
import Model
import Testing

@testable import TransparencyLog

/// Neighbours are proven by the proofs of the first and of the last of them.
@Suite struct RangeProofTests {
  private static let leaves = (0..<5_000).map { Digest.sha256(of: Array("\($0)".utf8)) }

  private func lookup(_ subtree: Subtree) -> Digest {
    let start = subtree.position << subtree.height
    return MerkleHash.perfectRoot(Self.leaves[start..<(start + 1 << subtree.height)])
  }

  private func proof(_ index: Int, _ size: Int) -> [Digest] {
    MerkleTree.inclusionProof(index: index, size: size, lookup)
  }

  /// Whether the true proofs show `leaves` to be at `index`.
  private func holds(
    _ leaves: [Digest], at index: Int, of count: Int, _ size: Int, root: Digest
  ) -> Bool {
    ProofVerification.inclusion(
      of: leaves, from: index, size: size, root: root, first: proof(index, size),
      last: proof(index + count - 1, size))
  }

  @Test func everyRangeOfSmallTreesIsProven() {
    for size in 1...17 {
      let root = MerkleTree.root(size: size, lookup)
      for start in 0..<size {
        for end in (start + 1)...size {
          let range = Array(Self.leaves[start..<end])
          #expect(holds(range, at: start, of: range.count, size, root: root))
          for place in range.indices {
            var other = range
            other[place] = Digest.sha256(of: [0])
            #expect(!holds(other, at: start, of: range.count, size, root: root))
          }
          #expect(!holds(range + [range[0]], at: start, of: range.count, size, root: root))
          #expect(!holds(range.dropLast(), at: start, of: range.count, size, root: root))
          #expect(!holds(range, at: start, of: range.count, size, root: Digest.sha256(of: [1])))
        }
      }
    }
  }

  @Test(arguments: [(4_090, 512), (0, 5_000), (4_999, 1), (1, 4_998), (256, 256)])
  func rangesOfALargeTreeAreProven(_ start: Int, _ count: Int) {
    let size = 5_000
    let root = MerkleTree.root(size: size, lookup)
    let range = Array(Self.leaves[start..<min(start + count, size)])
    #expect(holds(range, at: start, of: range.count, size, root: root))
    var other = range
    other.swapAt(0, range.count - 1)
    #expect(range.count == 1 || !holds(other, at: start, of: range.count, size, root: root))
  }

  @Test func whatIsOutsideTheTreeIsRefused() {
    let root = MerkleTree.root(size: 8, lookup)
    let leaves = Array(Self.leaves[0..<4])
    for index in [-1, 5, 8, Int.max, Int.min] {
      #expect(
        !ProofVerification.inclusion(
          of: leaves, from: index, size: 8, root: root, first: proof(0, 8), last: proof(3, 8)))
    }
    #expect(
      !ProofVerification.inclusion(
        of: [], from: 0, size: 8, root: root, first: proof(0, 8), last: proof(3, 8)))
    #expect(
      !ProofVerification.inclusion(
        of: leaves, from: 0, size: 8, root: root, first: proof(0, 8).dropLast(), last: proof(3, 8)))
    #expect(
      !ProofVerification.inclusion(
        of: leaves, from: 0, size: 8, root: root, first: proof(0, 8) + [root], last: proof(3, 8)))
  }
}
