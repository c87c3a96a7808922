import AuditStore
import Model
import RPC
import ServiceRuntime
import TransparencyLog

/// What anyone may read of the log, without being known: the resources of c2sp.org/tlog-tiles, as far as the newest
/// checkpoint covers them.
struct PublicLog: Sendable {
  let database: ServiceDatabase
  let head: LogHead
  let board: WitnessBoard

  private static let immutable = "public, max-age=31536000, immutable"
  /// Whoever keeps a checkpoint must ask whether it is still the newest.
  private static let checked = "no-cache"

  /// The answer to a path such as `/checkpoint` or `/tile/0/x001/234.p/7`.
  func answer(_ path: String) async -> WebResponse {
    do {
      return try await resource(path)
    } catch {
      return .refusal(503, "the log cannot be read now", retryAfterSeconds: 1)
    }
  }

  private func resource(_ path: String) async throws -> WebResponse {
    let notFound = WebResponse.refusal(404, "the log has no such resource")
    guard path.hasPrefix("/") else { return .refusal(400, "not a path") }
    if path == "/checkpoint" {
      guard let note = try await checkpoint() else {
        return .refusal(503, "no checkpoint has enough cosignatures yet", retryAfterSeconds: 1)
      }
      return WebResponse(
        contentType: "text/plain; charset=utf-8", cacheControl: Self.checked,
        body: Array(note.utf8))
    }
    guard let tile = TilePath(String(path.dropFirst())) else { return notFound }
    let size = try await head.covering(0).size
    let bytes: [UInt8]? =
      switch tile.content {
      case .hashes(let level):
        try await hashes(TileCoordinate(level: level, index: tile.index), tile.width, size)
      case .entries: try await entries(tile, size)
      }
    guard let bytes else { return notFound }
    return WebResponse(
      contentType: "application/octet-stream", cacheControl: Self.immutable, body: bytes)
  }

  /// The newest that satisfies the log's witness policy, with its cosignatures; without a policy the newest.
  private func checkpoint() async throws -> String? {
    board.policy == nil ? try await head.covering(0).note : board.quorum?.note
  }

  private func hashes(_ tile: TileCoordinate, _ width: Int, _ size: Int) async throws -> [UInt8]? {
    guard tile.index <= size, tile.width(inLogOf: size) >= width else { return nil }
    let hashes = try await database.read { try TileTable($0).hashes(tile) }
    guard let hashes, hashes.count >= width else { return nil }
    return hashes.prefix(width).flatMap(\.bytes)
  }

  private func entries(_ path: TilePath, _ size: Int) async throws -> [UInt8]? {
    let tile = TileCoordinate(level: 0, index: path.index)
    guard tile.index <= size, tile.width(inLogOf: size) >= path.width else { return nil }
    let start = path.index * TileCoordinate.width
    let entries = try await database.read { db in
      try EntryTable(db).bodies(from: start, to: start + path.width)
    }
    return entries.count == path.width ? EntryBundle.encode(entries) : nil
  }
}
