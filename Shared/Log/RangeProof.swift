package import Model

extension ProofVerification {
  /// Whether `leaves` are the hashes from `index` on in the tree of `size` leaves whose root is `root`, which the
  /// inclusion proofs of the first and of the last of them show: what is left of the range is on the path of its first
  /// leaf, and what is right of it on that of its last. A thousand neighbours need no longer a proof than two.
  package static func inclusion(
    of leaves: [Digest], from index: Int, size: Int, root: Digest, first: [Digest], last: [Digest]
  ) -> Bool {
    guard !leaves.isEmpty, index >= 0, index < size, leaves.count <= size - index else {
      return false
    }
    let end = index + leaves.count
    guard let left = siblings(of: index, size: size, proof: first),
      let right = siblings(of: end - 1, size: size, proof: last)
    else { return false }
    let range = LeafRange(
      leaves: leaves, start: index,
      outside: left.filter { $0.key.upperBound <= index }
        .merging(right.filter { $0.key.lowerBound >= end }) { kept, _ in kept })
    return range.hash(over: 0..<size) == root
  }

  /// What each hash of an inclusion proof is over; nil when the proof is of another length than it must have.
  private static func siblings(
    of index: Int, size: Int, proof: [Digest]
  ) -> [Range<Int>: Digest]? {
    var siblings: [Range<Int>: Digest] = [:]
    var (start, end) = (0, size)
    var rest = proof[...]
    while end - start > 1 {
      guard let hash = rest.popLast() else { return nil }
      let middle = start + MerkleTree.leftCount(of: end - start)
      if index < middle {
        siblings[middle..<end] = hash
        end = middle
      } else {
        siblings[start..<middle] = hash
        start = middle
      }
    }
    return rest.isEmpty ? siblings : nil
  }
}

/// Neighbouring leaves, and the hashes beside them on the way to the root.
private struct LeafRange {
  let leaves: [Digest]
  let start: Int
  let outside: [Range<Int>: Digest]

  /// The hash over a subtree of the tree; nil when it cannot be had from what is known.
  func hash(over range: Range<Int>) -> Digest? {
    if let known = outside[range] { return known }
    if range.count == 1 {
      let place = range.lowerBound - start
      return leaves.indices.contains(place) ? leaves[place] : nil
    }
    let middle = range.lowerBound + MerkleTree.leftCount(of: range.count)
    guard let left = hash(over: range.lowerBound..<middle),
      let right = hash(over: middle..<range.upperBound)
    else { return nil }
    return MerkleHash.node(left, right)
  }
}
