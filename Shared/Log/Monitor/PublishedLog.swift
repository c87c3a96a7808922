import Model

/// What a log shows to anyone, each resource with the length that it must have.
struct PublishedLog: Sendable {
  let fetch: LogMonitor.Fetch

  /// - Throws: `LogAlarm.withheld`.
  func resource(_ path: String) async throws -> [UInt8] {
    guard let bytes = try await fetch(path) else { throw LogAlarm.withheld(path: path) }
    return bytes
  }

  /// How many bundles the entries of a log fill.
  func bundles(_ size: Int) -> Int { (size + TileCoordinate.width - 1) / TileCoordinate.width }

  /// The entries of a bundle in a log of this size.
  func entries(_ index: Int, size: Int) async throws -> [[UInt8]] {
    let width = TileCoordinate(level: 0, index: index).width(inLogOf: size)
    let path = TilePath(.entries, index: index, width: width)
    let (bytes, isWhole) = try await tile(path)
    guard let entries = try? EntryBundle.decode(bytes) else {
      throw LogAlarm.malformedBundle(path: path.description)
    }
    guard entries.count == (isWhole ? TileCoordinate.width : width) else {
      throw LogAlarm.wrongLength(path: path.description)
    }
    return Array(entries.prefix(width))
  }

  /// The hashes of a tile in a log of this size.
  func hashes(_ coordinate: TileCoordinate, size: Int) async throws -> [Digest] {
    let width = coordinate.width(inLogOf: size)
    let path = TilePath(
      .hashes(level: coordinate.level), index: coordinate.index, width: width)
    let (bytes, isWhole) = try await tile(path)
    guard let hashes = Digest.list(bytes),
      hashes.count == (isWhole ? TileCoordinate.width : width)
    else { throw LogAlarm.wrongLength(path: path.description) }
    return Array(hashes.prefix(width))
  }

  /// A log may drop a partial tile once there is the whole one (c2sp.org/tlog-tiles).
  private func tile(_ path: TilePath) async throws -> (bytes: [UInt8], isWhole: Bool) {
    if let bytes = try await fetch(path.description) {
      return (bytes, path.width == TileCoordinate.width)
    }
    let whole = TilePath(path.content, index: path.index)
    guard path != whole, let bytes = try await fetch(whole.description) else {
      throw LogAlarm.withheld(path: path.description)
    }
    return (bytes, true)
  }

  /// Computes with the tiles of a log of this size; those needed are fetched one after the other.
  func withTiles<Value>(
    _ size: Int, _ body: (inout TileReader) throws -> Value
  ) async throws -> Value {
    var tiles: [TileCoordinate: [Digest]] = [:]
    while true {
      let known = tiles
      var reader = TileReader { known[$0] }
      do {
        return try body(&reader)
      } catch let missing as MissingTile where tiles[missing.coordinate] == nil {
        tiles[missing.coordinate] = try await hashes(missing.coordinate, size: size)
      }
    }
  }
}
