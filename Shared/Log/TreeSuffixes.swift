package import Model

/// The hashes over the last leaves of a tree that proofs against it need, the root among them: what
/// is left to compute for a proof once the full subtrees are known, and the same for every leaf.
package struct TreeSuffixes: Sendable, Hashable {
  /// Leaves in the tree.
  package let size: Int
  /// By how many full subtrees the suffix has, beginning with one.
  private let hashes: [Digest]

  package init(size: Int, _ lookup: MerkleTree.Lookup) rethrows {
    self.size = size
    var hashes: [Digest] = []
    var end = size
    while end > 0 {
      let height = end.trailingZeroBitCount
      let subtree = try lookup(Subtree(height: height, position: (end >> height) - 1))
      hashes.append(hashes.last.map { MerkleHash.node(subtree, $0) } ?? subtree)
      end -= 1 << height
    }
    self.hashes = hashes
  }

  /// The root of the tree.
  package var root: Digest { hashes.last ?? MerkleHash.empty }

  /// The hash over the last `count` leaves, which must be the size without some of its highest bits.
  package func hash(count: Int) -> Digest {
    precondition(
      count > 0 && size & ((1 << (Int.bitWidth - count.leadingZeroBitCount)) - 1) == count)
    return hashes[count.nonzeroBitCount - 1]
  }
}
