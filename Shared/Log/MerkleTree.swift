package import Model

/// A perfect subtree of a Merkle tree: the leaves `[position × 2^height, (position + 1) × 2^height)`.
/// Once it is full its hash never changes, whatever is appended to the log.
package struct Subtree: Hashable, Sendable {
  package let height: Int
  package let position: Int

  package init(height: Int, position: Int) {
    self.height = height
    self.position = position
  }
}

/// Roots and proofs of RFC 6962, section 2.1, made from hashes of perfect subtrees, which the
/// caller looks up (in tiles, or in an array of leaves).
package enum MerkleTree {
  /// Gives the hash of a full subtree.
  package typealias Lookup = (Subtree) throws -> Digest

  /// The root of the first `size` leaves.
  package static func root(size: Int, _ lookup: Lookup) rethrows -> Digest {
    size == 0 ? MerkleHash.empty : try hash(from: 0, count: size, lookup)
  }

  /// The audit path of leaf `index` in the first `size` leaves, from the leaf's sibling up.
  /// `index` must be below `size`.
  package static func inclusionProof(index: Int, size: Int, _ lookup: Lookup) rethrows -> [Digest] {
    try inclusionProof(index: index, size: size) { try hash(from: $0, count: $1, lookup) }
  }

  /// The same proof, without hashing.
  package static func inclusionProof(
    index: Int, in tree: TreeSuffixes, _ lookup: Lookup
  ) rethrows -> [Digest] {
    try inclusionProof(index: index, size: tree.size) { start, count in
      if count.nonzeroBitCount > 1 { return tree.hash(count: count) }
      let height = count.trailingZeroBitCount
      return try lookup(Subtree(height: height, position: start >> height))
    }
  }

  private static func inclusionProof(
    index: Int, size: Int, hash: (_ start: Int, _ count: Int) throws -> Digest
  ) rethrows -> [Digest] {
    precondition(index >= 0 && index < size, "the leaf must be in the tree")
    var path: [Digest] = []
    var start = 0
    var count = size
    while count > 1 {
      let left = leftCount(of: count)
      if index - start < left {
        path.append(try hash(start + left, count - left))
        count = left
      } else {
        path.append(try hash(start, left))
        start += left
        count -= left
      }
    }
    return path.reversed()
  }

  /// The proof that the first `first` leaves are a prefix of the first `second`: empty when the
  /// sizes are equal or `first` is zero. `first` must not exceed `second`.
  package static func consistencyProof(
    from first: Int, to second: Int, _ lookup: Lookup
  ) rethrows -> [Digest] {
    precondition(first >= 0 && first <= second, "the earlier tree must not be larger")
    guard first > 0, first < second else { return [] }
    var proof: [Digest] = []
    var start = 0
    var count = second
    var isWhole = true
    while start + count > first {
      let left = leftCount(of: count)
      if first - start <= left {
        proof.append(try hash(from: start + left, count: count - left, lookup))
        count = left
      } else {
        proof.append(try hash(from: start, count: left, lookup))
        start += left
        count -= left
        isWhole = false
      }
    }
    if !isWhole { proof.append(try hash(from: start, count: count, lookup)) }
    return proof.reversed()
  }

  /// The hash over `count` leaves from `start`, which is a multiple of the power of two at or above
  /// `count`, as it always is within a larger tree.
  private static func hash(from start: Int, count: Int, _ lookup: Lookup) rethrows -> Digest {
    var end = start + count
    var remaining = count
    var hash: Digest?
    while remaining > 0 {
      let height = remaining.trailingZeroBitCount
      let subtree = try lookup(Subtree(height: height, position: (end >> height) - 1))
      hash = hash.map { MerkleHash.node(subtree, $0) } ?? subtree
      end -= 1 << height
      remaining -= 1 << height
    }
    return hash ?? MerkleHash.empty
  }

  /// The leaves left of the top split: the largest power of two below `count`.
  static func leftCount(of count: Int) -> Int {
    1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }
}
