package import Model

/// Follows a log by what it shows to anyone (c2sp.org/tlog-tiles), with its verifier key and nothing else. Every new
/// entry is hashed into the tree and compared with the signed root and with every tile; the form of each entry and
/// the gapless numbers of each producer are checked as well.
package struct LogMonitor: Sendable {
  /// Gives the resource at a path such as `tile/0/x001/234.p/7`; nil when the log says that there is none. What it
  /// throws ends the step, and nothing is remembered of it.
  package typealias Fetch = @Sendable (String) async throws -> [UInt8]?

  /// Alarms about entries that are reported of one step; more are not kept.
  private static let maximumAlarms = 100

  package let key: VerifierKey
  private let stepEntries: Int

  /// - Parameter stepEntries: how many new entries one look takes in at most; whole bundles of 256 are taken.
  package init(key: VerifierKey, stepEntries: Int = 16_384) {
    self.key = key
    self.stepEntries = stepEntries
  }

  /// What one look at the log has brought.
  package struct Step: Sendable {
    /// To go on from; at once, unless it is complete.
    package let state: MonitorState
    package let newEntries: Int
    /// What is wrong in a log that is whole: gaps, repetitions and malformed entries. They are told once.
    package let alarms: [LogAlarm]
  }

  /// Looks at the log once, and takes in the next entries of its newest checkpoint: all, or as many as one look may. `state`
  /// is what was remembered of it, nil at first.
  /// - Throws: `LogAlarm` when the log is not what it was or not what is signed; nothing of it is then to be
  ///   remembered. What `fetch` throws.
  package func look(
    after state: MonitorState?, at now: Timestamp, fetch: @escaping Fetch
  ) async throws -> Step {
    let log = PublishedLog(fetch: fetch)
    let (checkpoint, note) = try await newest(log)
    try await checkContinuation(of: state, checkpoint, log)
    let since = state.map { note == $0.note ? $0.since : now } ?? now
    if let state, checkpoint.size == state.verifiedEntries {
      let newest = MonitorState(
        checkpoint: checkpoint, note: note, since: since, edge: state.edge, proof: [],
        sequences: state.sequences)
      return Step(state: newest, newEntries: 0, alarms: [])
    }
    var growth = Growth(edge: state?.edge ?? TreeEdge(), sequences: state?.sequences ?? .init())
    let known = growth.edge.size
    try await takeIn(&growth, of: checkpoint.size, from: log)
    let proof = try await log.withTiles(checkpoint.size) { [size = growth.edge.size] in
      size == checkpoint.size ? [] : try $0.consistencyProof(from: size, to: checkpoint.size)
    }
    guard Self.continues(checkpoint, from: growth.edge, proof) else {
      throw try await fault(of: checkpoint, after: state?.checkpoint, growth, log)
    }
    if let index = growth.alteredEntry { throw LogAlarm.alteredEntry(index: index) }
    if let (path, hash) = growth.difference {
      throw LogAlarm.wrongTile(path: path.description, hash: hash)
    }
    let next = MonitorState(
      checkpoint: checkpoint, note: note, since: since, edge: growth.edge, proof: proof,
      sequences: growth.sequences)
    return Step(state: next, newEntries: growth.edge.size - known, alarms: growth.alarms)
  }

  private static func continues(
    _ checkpoint: Checkpoint, from edge: TreeEdge, _ proof: [Digest]
  ) -> Bool {
    ProofVerification.consistency(
      from: edge.size, firstRoot: edge.root, to: checkpoint.size, secondRoot: checkpoint.root,
      proof: proof)
  }

  /// Whether the newest checkpoint may follow the one that is remembered. Where the entries of that one have not all been
  /// taken in, the tiles must prove it; otherwise the entries will.
  private func checkContinuation(
    of state: MonitorState?, _ checkpoint: Checkpoint, _ log: PublishedLog
  ) async throws {
    guard let state else { return }
    let known = state.checkpoint
    guard checkpoint.size >= known.size else {
      throw LogAlarm.rollback(from: known.size, to: checkpoint.size)
    }
    guard checkpoint.size > known.size else {
      guard checkpoint.root == known.root else {
        throw LogAlarm.fork(from: known.size, to: known.size)
      }
      return
    }
    guard !state.isComplete else { return }
    let fork = try await contradiction(of: checkpoint, after: known, log)
    if let fork { throw fork }
  }

  /// The alarm, if a log whose newest checkpoint came at `state.since` has been silent for too long.
  package func staleness(
    of state: MonitorState, at now: Timestamp, maximumAgeSeconds: Int64
  ) -> LogAlarm? {
    let age = (now.microseconds - state.since.microseconds) / 1_000_000
    return age > maximumAgeSeconds ? .stale(seconds: age) : nil
  }

  private func newest(_ log: PublishedLog) async throws -> (Checkpoint, String) {
    let note = try await log.resource("checkpoint")
    do {
      return (try Checkpoint.verified(note, with: key), String(decoding: note, as: UTF8.self))
    } catch let error as LogFormatError {
      throw LogAlarm.badCheckpoint(error)
    }
  }

  /// What is known of the entries since the last step, before it is clear whether they are the signed ones.
  private struct Growth {
    var edge: TreeEdge
    var sequences: ProducerSequences
    var alarms: [LogAlarm] = []
    /// The first entry of those known before that is now another one.
    var alteredEntry: Int?
    /// The first hash of a tile that is not that of the entries.
    var difference: (path: TilePath, hash: Int)?
  }

  /// Hashes the next entries of a log of this size and compares every tile that they complete.
  private func takeIn(_ growth: inout Growth, of size: Int, from log: PublishedLog) async throws {
    let start = growth.edge.size
    let bundles = (start + stepEntries) / TileCoordinate.width
    let known = growth.edge.tiles.first { $0.coordinate.level == 0 }?.hashes ?? []
    let begun = start / TileCoordinate.width
    for index in begun..<min(max(bundles, begun + 1), log.bundles(size)) {
      let first = index * TileCoordinate.width
      let entries = try await log.entries(index, size: size)
      let skipped = max(0, start - first)
      let leaves = entries.map { MerkleHash.leaf($0) }
      if skipped > 0, let other = (0..<skipped).first(where: { leaves[$0] != known[$0] }) {
        growth.alteredEntry = first + other
      }
      for offset in skipped..<entries.count {
        let alarm = growth.sequences.take(entries[offset], at: first + offset)
        if let alarm, growth.alarms.count < Self.maximumAlarms { growth.alarms.append(alarm) }
      }
      for tile in growth.edge.append(leaves[skipped...]) {
        // A tile that still grows is compared when it is done.
        guard tile.hashes.count == tile.coordinate.width(inLogOf: size) else { continue }
        let shown = try await log.hashes(tile.coordinate, size: size)
        guard growth.difference == nil,
          let hash = tile.hashes.indices.first(where: { tile.hashes[$0] != shown[$0] })
        else { continue }
        let path = TilePath(
          .hashes(level: tile.coordinate.level), index: tile.coordinate.index,
          width: tile.hashes.count)
        growth.difference = (path, hash)
      }
    }
  }

  /// Why the entries that are shown do not lead to the signed root: the tiles decide whether it is the entries that
  /// are wrong or the log that is another one.
  private func fault(
    of checkpoint: Checkpoint, after known: Checkpoint?, _ growth: Growth, _ log: PublishedLog
  ) async throws -> LogAlarm {
    if let fork = try await contradiction(of: checkpoint, after: known, log) { return fork }
    guard let (path, hash) = growth.difference, path.content == .hashes(level: 0) else {
      return .wrongRoot(size: checkpoint.size)
    }
    return .alteredEntry(index: path.index * TileCoordinate.width + hash)
  }

  /// What the tiles say of a checkpoint: that it is not theirs, or no continuation of the one known before; nil when it is
  /// both.
  private func contradiction(
    of checkpoint: Checkpoint, after known: Checkpoint?, _ log: PublishedLog
  ) async throws -> LogAlarm? {
    let (size, first) = (checkpoint.size, known?.size ?? 0)
    let root = try await log.withTiles(size) { try $0.root(size: size) }
    guard root == checkpoint.root else { return .wrongRoot(size: size) }
    let proof = try await log.withTiles(size) { try $0.consistencyProof(from: first, to: size) }
    let isContinued = ProofVerification.consistency(
      from: first, firstRoot: known?.root ?? MerkleHash.empty, to: size,
      secondRoot: checkpoint.root, proof: proof)
    return isContinued ? nil : .fork(from: first, to: size)
  }
}
