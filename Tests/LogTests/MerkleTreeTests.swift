import Model
import Testing
import TransparencyLog

@Suite struct MerkleTreeTests {
  static let count = 300
  let reference = ReferenceTree(ReferenceTree.entries(MerkleTreeTests.count))

  @Test func everySizeHasTheReferenceRoot() throws {
    var tree = StoredTiles()
    var reader = StoredTiles(reference.leaves).reader
    for size in 0...Self.count {
      #expect(tree.edge.size == size)
      #expect(tree.edge.root == reference.root(0..<size))
      #expect(try reader.root(size: size) == reference.root(0..<size))
      if size < Self.count { tree.append([reference.leaves[size]]) }
    }
  }

  @Test func everyInclusionProofIsTheReferenceOneAndHolds() throws {
    var reader = StoredTiles(reference.leaves).reader
    for size in 1...Self.count {
      let root = reference.root(0..<size)
      for index in 0..<size {
        let proof = try reader.inclusionProof(index: index, size: size)
        let leaf = reference.root(index..<(index + 1))
        let isRight =
          proof == reference.path(index, 0..<size)
          && ProofVerification.inclusion(
            of: leaf, at: index, size: size, root: root, proof: proof)
        if !isRight { Issue.record("index \(index) of \(size)") }
      }
    }
  }

  @Test func everyConsistencyProofIsTheReferenceOneAndHolds() throws {
    var reader = StoredTiles(reference.leaves).reader
    for second in 0...Self.count {
      for first in 0...second {
        let proof = try reader.consistencyProof(from: first, to: second)
        let isRight =
          proof == reference.proof(first, second)
          && ProofVerification.consistency(
            from: first, firstRoot: reference.root(0..<first), to: second,
            secondRoot: reference.root(0..<second), proof: proof)
        if !isRight { Issue.record("from \(first) to \(second)") }
      }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 8, 100, 255, 256, 257, 300])
  func anAlteredInclusionProofFails(_ size: Int) throws {
    var reader = StoredTiles(reference.leaves).reader
    let root = reference.root(0..<size)
    let other = Digest.zero
    for index in Set([0, size / 2, size - 1]) {
      let leaf = reference.root(index..<(index + 1))
      let proof = try reader.inclusionProof(index: index, size: size)
      func holds(_ leaf: Digest, _ index: Int, _ size: Int, _ root: Digest, _ proof: [Digest])
        -> Bool
      {
        ProofVerification.inclusion(of: leaf, at: index, size: size, root: root, proof: proof)
      }
      #expect(holds(leaf, index, size, root, proof))
      #expect(!holds(other, index, size, root, proof))
      #expect(!holds(leaf, index, size, other, proof))
      #expect(!holds(leaf, index, size, root, proof + [other]))
      #expect(!holds(leaf, -1, size, root, proof))
      #expect(!holds(leaf, size, size, root, proof))
      for wrong in 0..<size where wrong != index {
        #expect(!holds(leaf, wrong, size, root, proof))
      }
      for position in proof.indices {
        var altered = proof
        altered[position] = other
        #expect(!holds(leaf, index, size, root, altered))
        altered.remove(at: position)
        #expect(!holds(leaf, index, size, root, altered))
      }
    }
  }

  @Test(arguments: [(1, 2), (2, 3), (4, 8), (7, 8), (128, 256), (200, 256), (255, 257), (256, 300)])
  func anAlteredConsistencyProofFails(_ first: Int, _ second: Int) throws {
    var reader = StoredTiles(reference.leaves).reader
    let proof = try reader.consistencyProof(from: first, to: second)
    let (firstRoot, secondRoot) = (reference.root(0..<first), reference.root(0..<second))
    func holds(_ firstRoot: Digest, _ secondRoot: Digest, _ proof: [Digest]) -> Bool {
      ProofVerification.consistency(
        from: first, firstRoot: firstRoot, to: second, secondRoot: secondRoot, proof: proof)
    }
    #expect(holds(firstRoot, secondRoot, proof))
    #expect(!holds(.zero, secondRoot, proof))
    #expect(!holds(firstRoot, .zero, proof))
    #expect(!holds(firstRoot, secondRoot, []))
    #expect(!holds(firstRoot, secondRoot, proof + [.zero]))
    for position in proof.indices {
      var altered = proof
      altered[position] = .zero
      #expect(!holds(firstRoot, secondRoot, altered))
      altered.remove(at: position)
      #expect(!holds(firstRoot, secondRoot, altered))
    }
  }

  @Test func sizesWithoutProofAreNotBelieved() {
    let root = reference.root(0..<3)
    #expect(
      !ProofVerification.consistency(
        from: 4, firstRoot: root, to: 3, secondRoot: root, proof: []))
    #expect(
      !ProofVerification.consistency(
        from: 0, firstRoot: root, to: 3, secondRoot: root, proof: []))
    #expect(
      !ProofVerification.consistency(
        from: 3, firstRoot: root, to: 3, secondRoot: .zero, proof: []))
  }
}

extension Digest {
  static let zero = Digest(hex: String(repeating: "0", count: 64)) ?? MerkleHash.empty
}
