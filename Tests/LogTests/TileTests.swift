import Model
import Testing
import TransparencyLog

@Suite struct TileTests {
  @Test(arguments: [0, 1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000])
  func tilesHaveTheWidthsOfTheFormat(_ size: Int) {
    let tree = StoredTiles(ReferenceTree.entries(size))
    var expected: [TileCoordinate: Int] = [:]
    var hashes = size
    var level = 0
    while hashes > 0 {
      for index in 0..<(hashes / 256) {
        expected[TileCoordinate(level: level, index: index)] = 256
      }
      if hashes % 256 > 0 {
        expected[TileCoordinate(level: level, index: hashes / 256)] = hashes % 256
      }
      hashes /= 256
      level += 1
    }
    #expect(tree.tiles.mapValues(\.count) == expected)
    for (coordinate, width) in expected {
      #expect(coordinate.width(inLogOf: size) == width)
    }
  }

  @Test func aTreeInBatchesIsTheSameTree() {
    let entries = ReferenceTree.entries(700)
    var tree = StoredTiles()
    var start = 0
    for batch in [1, 254, 1, 1, 255, 0, 100, 88] {
      tree.append(entries[start..<(start + batch)])
      start += batch
    }
    #expect(start == 700)
    #expect(tree.tiles == StoredTiles(entries).tiles)
    #expect(tree.edge == StoredTiles(entries).edge)
  }

  @Test(arguments: [0, 1, 255, 256, 257, 65_536, 65_537])
  func theEdgeIsRebuiltFromTiles(_ size: Int) throws {
    let tree = StoredTiles(ReferenceTree.entries(size))
    var rebuilt = try #require(TreeEdge(size: size) { tree.tiles[$0] })
    #expect(rebuilt.root == tree.edge.root)
    var original = tree.edge
    #expect(rebuilt.append([.zero]) == original.append([.zero]))
    #expect(rebuilt.root == original.root)
  }

  @Test func theEdgeIsNotRebuiltFromTilesThatDoNotFit() {
    let tree = StoredTiles(ReferenceTree.entries(300))
    #expect(TreeEdge(size: 300) { _ in nil } == nil)
    #expect(TreeEdge(size: 301) { tree.tiles[$0] } == nil)
    #expect(TreeEdge(size: 299) { tree.tiles[$0] } == nil)
  }

  @Test func aMissingOrShortTileIsNamed() {
    let tree = StoredTiles(ReferenceTree.entries(300))
    var reader = tree.reader
    #expect(throws: MissingTile(coordinate: TileCoordinate(level: 0, index: 1))) {
      try reader.root(size: 301)
    }
    var empty = TileReader(load: { _ in nil })
    #expect(throws: MissingTile(coordinate: TileCoordinate(level: 0, index: 0))) {
      try empty.inclusionProof(index: 0, size: 2)
    }
  }

  @Test func proofsHoldAcrossThreeLevelsOfTiles() throws {
    let tree = StoredTiles(ReferenceTree.entries(70_000))
    var reader = tree.reader
    let root = try reader.root(size: 70_000)
    #expect(root == tree.edge.root)
    for index in [0, 255, 256, 511, 512, 65_535, 65_536, 65_537, 69_999] {
      let proof = try reader.inclusionProof(index: index, size: 70_000)
      let leaf = MerkleHash.leaf(ReferenceTree.entries(index + 1)[index])
      #expect(
        ProofVerification.inclusion(
          of: leaf, at: index, size: 70_000, root: root, proof: proof))
      let first = try reader.root(size: index)
      #expect(
        ProofVerification.consistency(
          from: index, firstRoot: first, to: 70_000, secondRoot: root,
          proof: try reader.consistencyProof(from: index, to: 70_000)))
    }
  }

  @Test(arguments: [
    ("tile/0/000", TilePath(.hashes(level: 0), index: 0)),
    ("tile/0/000.p/1", TilePath(.hashes(level: 0), index: 0, width: 1)),
    ("tile/2/067.p/255", TilePath(.hashes(level: 2), index: 67, width: 255)),
    ("tile/63/x001/x234/067", TilePath(.hashes(level: 63), index: 1_234_067)),
    ("tile/entries/x001/000.p/8", TilePath(.entries, index: 1_000, width: 8)),
  ])
  func pathsAreThoseOfTheFormat(_ text: String, _ path: TilePath) {
    #expect(path.description == text)
    #expect(TilePath(text) == path)
  }

  @Test(arguments: [
    "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/64/000",
    "tile/00/000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/000.p/0",
    "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/-1/000",
    "tile/0/000/", "/tile/0/000", "tile/0/x001/x234", "tile/entries/xx01/000", "tile/data/000",
    "tile/0/999/x999/x999/x999/x999/x999/x999/x999",
  ])
  func otherPathsAreRefused(_ text: String) {
    #expect(TilePath(text) == nil)
  }

  @Test func bundlesGiveBackTheirEntries() throws {
    let entries: [[UInt8]] = [[], [1], [UInt8](repeating: 9, count: LogLimits.entryBytes)]
    let bytes = EntryBundle.encode(entries)
    #expect(bytes.prefix(5) == [0, 0, 0, 1, 1])
    #expect(try EntryBundle.decode(bytes) == entries)
    for cut in [1, 3, 5, 6, 100] {
      let isWhole = (try? EntryBundle.decode(bytes.prefix(cut))) != nil
      #expect(isWhole == (cut == 5))
    }
  }
}
