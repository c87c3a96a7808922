import Model
import Testing
import TransparencyLog

/// Nodes that are looked up are those that the plain definition computes.
@Suite struct TilePyramidTests {
  @Test(arguments: [0, 1, 2, 3, 127, 128, 129, 255, 256])
  func itHoldsEveryFullSubtreeAndNoOther(_ width: Int) {
    let reference = ReferenceTree(ReferenceTree.entries(width))
    let pyramid = TilePyramid((0..<width).map { reference.root($0..<($0 + 1)) })
    #expect(pyramid.width == width)
    for height in 0..<TileCoordinate.height {
      let count = 1 << height
      for position in 0..<(width / count) {
        #expect(
          pyramid.hash(height: height, position: position)
            == reference.root((position * count)..<((position + 1) * count)))
      }
      #expect(pyramid.hash(height: height, position: width / count) == nil)
    }
    #expect(pyramid.hash(height: TileCoordinate.height, position: 0) == nil)
  }

  @Test func proofsFromSuffixesAreTheReferenceOnes() throws {
    let reference = ReferenceTree(ReferenceTree.entries(300))
    var reader = StoredTiles(reference.leaves).reader
    for size in 0...300 {
      let tree = try reader.suffixes(size: size)
      #expect(tree.root == reference.root(0..<size))
      for index in 0..<size {
        let proof = try reader.inclusionProof(index: index, in: tree)
        if proof != reference.path(index, 0..<size) { Issue.record("index \(index) of \(size)") }
      }
    }
  }
}
