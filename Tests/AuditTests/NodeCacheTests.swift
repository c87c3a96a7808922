import AuditStore
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// Proofs from memory are those of a reader that remembers nothing.
@Suite struct NodeCacheTests {
  static let edges = [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]

  /// A cache with room for everything, and one that must evict all the time.
  @Test(arguments: [128 << 20, 3 * TilePyramid.bytes])
  func everySizeAsTheLogGrowsHasThePlainProofs(_ bytes: Int) async throws {
    let log = try await TreeOnDisk()
    let cache = NodeCache(bytes: bytes)
    var random = SplitMix64(seed: 5)
    let sizes = Set(Self.edges + (0..<24).map { _ in Int.random(in: 1...70_000, using: &random) })
    for size in sizes.sorted() {
      try await log.grow(to: size)
      let older = Int.random(in: 1...size, using: &random)
      for proven in [size, older] {
        let indexes =
          Self.edges.flatMap { [$0 - 1, $0, proven - $0] }.filter { (0..<proven).contains($0) }
          + (0..<8).map { _ in Int.random(in: 0..<proven, using: &random) }
        let wrong = try await log.database.read { db in
          try mistakes(in: proven, indexes, cache, TileTable(db))
        }
        #expect(wrong.isEmpty, "seed 5, tree \(size)")
      }
    }
    await log.database.close()
  }

  @Test func whatIsInMemoryIsProvenWithoutTheDatabase() async throws {
    let log = try await TreeOnDisk()
    let cache = NodeCache(bytes: 128 << 20)
    try await log.grow(to: 600)
    #expect(throws: MissingTile.self) {
      var empty = cache.reader(size: 600)
      return try empty.inclusionProof(index: 300, size: 600)
    }
    let plain = try await log.database.read { db in
      var stored = cache.reader(size: 600, TileTable(db))
      return try stored.inclusionProof(index: 300, size: 600)
    }
    await log.database.close()
    var known = cache.reader(size: 600)
    #expect(try known.inclusionProof(index: 300, size: 600) == plain)
    var older = cache.reader(size: 520)
    #expect(try older.inclusionProof(index: 300, size: 520).count == 10)
    var larger = cache.reader(size: 601)
    #expect(throws: MissingTile(coordinate: TileCoordinate(level: 0, index: 2))) {
      try larger.inclusionProof(index: 300, size: 601)
    }
  }
}

/// Where the cache and a plain reader differ, or a proof does not hold.
private func mistakes(
  in size: Int, _ indexes: [Int], _ cache: NodeCache, _ table: TileTable
) throws -> [Int] {
  var plain = table.reader
  let root = try plain.root(size: size)
  return try indexes.filter { index in
    var tiles = cache.reader(size: size, table)
    let tree = try cache.suffixes(size: size, &tiles)
    let proof = try tiles.inclusionProof(index: index, in: tree)
    let leaf = try tiles.hash(of: Subtree(height: 0, position: index))
    return
      try tree.root != root || proof != plain.inclusionProof(index: index, size: size)
      || leaf != plain.hash(of: Subtree(height: 0, position: index))
      || tiles.consistencyProof(from: index, to: size)
        != plain.consistencyProof(from: index, to: size)
      || !ProofVerification.inclusion(of: leaf, at: index, size: size, root: root, proof: proof)
  }
}

/// The tiles of a growing log in a real database.
private final class TreeOnDisk {
  let directory: TemporaryDirectory
  let database: ServiceDatabase
  private var edge = TreeEdge()

  init() async throws {
    directory = try TemporaryDirectory()
    database = try ServiceDatabase(
      at: directory.file("audit.sqlite"), service: "audit", migrations: AuditSchema.migrations)
  }

  func grow(to size: Int) async throws {
    let leaves = (edge.size..<max(size, edge.size)).map { MerkleHash.leaf(Array("\($0)".utf8)) }
    let tiles = edge.append(leaves)
    try await database.write { try TileTable($0).store(tiles) }
  }
}
