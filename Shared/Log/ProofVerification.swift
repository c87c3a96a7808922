package import Model

/// Checks proofs against roots, by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
package enum ProofVerification {
  /// Whether `proof` shows that `leaf` is the hash at `index` of the tree of `size` leaves whose
  /// root is `root`.
  package static func inclusion(
    of leaf: Digest, at index: Int, size: Int, root: Digest, proof: [Digest]
  ) -> Bool {
    guard index >= 0, index < size else { return false }
    var node = index
    var last = size - 1
    var hash = leaf
    for sibling in proof {
      guard last > 0 else { return false }
      if node & 1 == 1 || node == last {
        hash = MerkleHash.node(sibling, hash)
        while node & 1 == 0 && node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        hash = MerkleHash.node(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether `proof` shows that the tree of `first` leaves and root `firstRoot` is a prefix of that
  /// of `second` leaves and root `secondRoot`. Every tree extends the empty one.
  package static func consistency(
    from first: Int, firstRoot: Digest, to second: Int, secondRoot: Digest, proof: [Digest]
  ) -> Bool {
    guard first >= 0, first <= second else { return false }
    if first == second { return proof.isEmpty && firstRoot == secondRoot }
    if first == 0 { return proof.isEmpty && firstRoot == MerkleHash.empty }
    var hashes = proof[...]
    if first.nonzeroBitCount == 1 {
      hashes = [firstRoot] + hashes
    }
    guard let start = hashes.popFirst(), !proof.isEmpty else { return false }
    let shift = (~(first - 1)).trailingZeroBitCount
    var node = (first - 1) >> shift
    var last = (second - 1) >> shift
    var firstHash = start
    var secondHash = start
    for hash in hashes {
      guard last > 0 else { return false }
      if node & 1 == 1 || node == last {
        firstHash = MerkleHash.node(hash, firstHash)
        secondHash = MerkleHash.node(hash, secondHash)
        while node & 1 == 0 && node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        secondHash = MerkleHash.node(secondHash, hash)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && firstHash == firstRoot && secondHash == secondRoot
  }
}
