import Crypto
import Model
import Synchronization
import TransparencyLog

/// The public side of a log in memory, honest until told otherwise.
final class ShownLog: Sendable {
  struct State {
    var entries: [[UInt8]] = []
    var stored = StoredTiles()
    /// Changes what is shown at a path; nil shows nothing there.
    var lie: @Sendable (String, [UInt8]) -> [UInt8]? = { $1 }
    var asked: [String] = []
    /// Another checkpoint than that of the entries.
    var checkpoint: String?
    var hasPartialTiles = true
  }
  let signer: NoteSigner
  let state: Mutex<State>

  static let origin = "log.example/audit"

  init(signer: NoteSigner? = nil) throws {
    self.signer = try signer ?? NoteSigner(name: Self.origin, key: .generate())
    state = Mutex(State())
  }

  /// An entry of this log; the salt tells it from others of the same number.
  static func entry(_ sequence: Int64, producer: String = "settlement", salt: String = "") throws
    -> [UInt8]
  {
    try EntryBody(
      eventID: EventID.make(at: Timestamp(microseconds: 1_700_000_000_000_000)),
      kind: "order.placed", isAccepted: true,
      detailsHash: .sha256(of: Array("\(producer) \(sequence) \(salt)".utf8)), producer: producer,
      producerSequence: sequence, time: Timestamp(microseconds: 1_700_000_000_000_000),
      traceparent: ""
    ).bytes
  }

  /// Adds the next entries of one producer.
  func grow(to size: Int, salt: String = "") throws {
    let start = state.withLock { $0.entries.count }
    try add((start..<size).map { try Self.entry(Int64($0) + 1, salt: salt) })
  }

  func add(_ entries: [[UInt8]]) throws {
    state.withLock { state in
      state.entries += entries
      state.stored.append(entries)
    }
  }

  /// A log of the same key that has the first `count` entries of this one.
  func fork(after count: Int) throws -> ShownLog {
    let other = try ShownLog(signer: signer)
    try other.add(Array(state.withLock { $0.entries }.prefix(count)))
    return other
  }

  func note(_ checkpoint: Checkpoint? = nil) throws -> String {
    let edge = state.withLock { $0.stored.edge }
    let own = Checkpoint(origin: Self.origin, size: edge.size, root: edge.root)
    return try signer.sign((checkpoint ?? own).text).description
  }

  func lie(_ lie: @escaping @Sendable (String, [UInt8]) -> [UInt8]?) {
    state.withLock { $0.lie = lie }
  }

  func takeAsked() -> [String] {
    state.withLock { state in
      defer { state.asked = [] }
      return state.asked
    }
  }

  var fetch: LogMonitor.Fetch {
    { path in
      let note = try self.note()
      return self.state.withLock { state in
        state.asked.append(path)
        let bytes =
          path == "checkpoint" ? Array((state.checkpoint ?? note).utf8) : state.resource(path)
        return bytes.flatMap { state.lie(path, $0) }
      }
    }
  }
}

extension ShownLog.State {
  fileprivate func resource(_ path: String) -> [UInt8]? {
    guard let tile = TilePath(path), hasPartialTiles || tile.width == TileCoordinate.width else {
      return nil
    }
    let start = tile.index * TileCoordinate.width
    switch tile.content {
    case .hashes(let level):
      let hashes = stored.tiles[TileCoordinate(level: level, index: tile.index)] ?? []
      return hashes.count < tile.width ? nil : hashes.prefix(tile.width).flatMap(\.bytes)
    case .entries:
      guard start + tile.width <= entries.count else { return nil }
      return EntryBundle.encode(entries[start..<(start + tile.width)])
    }
  }
}
