import Crypto
import Foundation
import Model
import Synchronization
import Testing
import TransparencyLog

/// A monitor follows an honest log, and names each lie of another.
@Suite(.timeLimit(.minutes(5))) struct LogMonitorTests {
  private static let now = Timestamp(microseconds: 1_800_000_000_000_000)
  private static let isLong = ProcessInfo.processInfo.environment["NDX_LONG"] != nil

  /// Sizes around the borders of tiles, those of the second level with `NDX_LONG`.
  static let sizes =
    [1, 2, 255, 256, 257, 511, 512, 513] + (isLong ? [65_535, 65_536, 65_537, 66_000] : [])

  private func look(
    _ log: ShownLog, after state: MonitorState? = nil, at now: Timestamp = now
  ) async throws -> LogMonitor.Step {
    try await LogMonitor(key: log.signer.verifierKey).look(after: state, at: now, fetch: log.fetch)
  }

  /// What the monitor says of a log that it cannot go on with.
  private func alarm(_ log: ShownLog, after state: MonitorState? = nil) async throws -> LogAlarm? {
    do {
      _ = try await look(log, after: state)
      return nil
    } catch let alarm as LogAlarm {
      return alarm
    }
  }

  @Test func anHonestLogIsFollowedFromSizeToSizeByItsNewEntriesAlone() async throws {
    let log = try ShownLog()
    var state: MonitorState?
    var known = 0
    for size in Self.sizes {
      try log.grow(to: size)
      let step = try await look(log, after: state)
      #expect(step.alarms.isEmpty && step.newEntries == size - known)
      #expect(step.state.checkpoint.size == size)
      // A bundle and a tile for each 256 new entries, and those of the edge.
      #expect(log.takeAsked().count <= 4 + 2 * ((size - known) / 256 + 2))
      state = try MonitorState(
        step.state.description.utf8, key: log.signer.verifierKey)
      #expect(state == step.state, "what is written is what is read")
      known = size
    }
    let last = try await look(log, after: state)
    #expect(last.newEntries == 0 && log.takeAsked() == ["checkpoint"])
  }

  @Test(arguments: sizes)
  func aLogIsTakenInAtOnce(_ size: Int) async throws {
    let log = try ShownLog()
    try log.grow(to: size)
    let step = try await look(log)
    #expect(step.state.checkpoint.size == size && step.alarms.isEmpty)
  }

  @Test func anEmptyLogIsALogToo() async throws {
    let log = try ShownLog()
    let empty = try await look(log)
    #expect(empty.state.checkpoint.size == 0)
    try log.grow(to: 3)
    let step = try await look(log, after: empty.state)
    #expect(step.newEntries == 3)
  }

  @Test func partialTilesMayBeGoneOnceThereIsTheWholeOne() async throws {
    let log = try ShownLog()
    try log.grow(to: 300)
    let small = try log.note()
    try log.grow(to: 512)
    log.state.withLock {
      $0.checkpoint = small
      $0.hasPartialTiles = false
    }
    // Level 1 has no whole tile yet.
    #expect(try await alarm(log) == .withheld(path: "tile/1/000.p/1"))
    log.state.withLock { $0.hasPartialTiles = true }
    log.lie { path, bytes in path.hasSuffix(".p/44") ? nil : bytes }
    let step = try await look(log)
    #expect(step.state.checkpoint.size == 300)
  }

  // MARK: Checkpoints

  @Test func aCheckpointWithAnyOneByteAlteredIsNamed() async throws {
    let log = try ShownLog()
    try log.grow(to: 5)
    let count = try log.note().utf8.count
    for position in 0..<count {
      log.lie { path, bytes in
        var bytes = bytes
        if path == "checkpoint" { bytes[position] ^= 1 }
        return bytes
      }
      guard case .badCheckpoint = try await alarm(log) else {
        Issue.record("byte \(position) may change")
        continue
      }
    }
  }

  @Test func aCheckpointOfAnotherLogIsNamed() async throws {
    let log = try ShownLog()
    let root = MerkleHash.empty
    let foreign = try log.note(Checkpoint(origin: "other.example", size: 0, root: root))
    log.state.withLock { $0.checkpoint = foreign }
    #expect(try await alarm(log) == .badCheckpoint(.foreignOrigin("other.example")))
    let other = try ShownLog().note()
    log.state.withLock { $0.checkpoint = other }
    #expect(try await alarm(log) == .badCheckpoint(.notSigned(by: ShownLog.origin)))
    log.lie { path, bytes in path == "checkpoint" ? nil : bytes }
    #expect(try await alarm(log) == .withheld(path: "checkpoint"))
  }

  @Test(arguments: [(300, 299), (300, 0), (257, 256)])
  func aLogThatGoesBackIsNamed(_ from: Int, _ to: Int) async throws {
    let log = try ShownLog()
    try log.grow(to: from)
    let state = try await look(log).state
    let older = try log.fork(after: to)
    #expect(try await alarm(older, after: state) == .rollback(from: from, to: to))
  }

  @Test(arguments: [(1, 0), (256, 255), (300, 10), (513, 512)])
  func twoRootsOfOneSizeAreAFork(_ size: Int, _ shared: Int) async throws {
    let log = try ShownLog()
    try log.grow(to: size)
    let state = try await look(log).state
    let other = try log.fork(after: shared)
    try other.grow(to: size, salt: "other")
    #expect(try await alarm(other, after: state) == .fork(from: size, to: size))
  }

  @Test(arguments: [(1, 0, 2), (255, 254, 257), (300, 10, 900), (512, 256, 513), (300, 299, 301)])
  func aLargerLogThatIsNoContinuationIsAFork(
    _ from: Int, _ shared: Int, _ to: Int
  ) async throws {
    let log = try ShownLog()
    try log.grow(to: from)
    let state = try await look(log).state
    let other = try log.fork(after: shared)
    try other.grow(to: to, salt: "other")
    #expect(try await alarm(other, after: state) == .fork(from: from, to: to))
    try log.grow(to: to)
    #expect(try await alarm(log, after: state) == nil, "the log itself goes on")
  }

  @Test(arguments: [1, 255, 300, 513])
  func aSignedRootThatNothingLeadsToIsNamed(_ size: Int) async throws {
    let log = try ShownLog()
    try log.grow(to: size)
    let root = Digest.sha256(of: "no root")
    let note = try log.note(Checkpoint(origin: ShownLog.origin, size: size, root: root))
    log.state.withLock { $0.checkpoint = note }
    #expect(try await alarm(log) == .wrongRoot(size: size))
  }

  // MARK: Entries and tiles

  /// Every entry in turn has one byte altered, of a log that is known up to 250.
  @Test func anAlteredEntryIsNamed() async throws {
    let log = try ShownLog()
    try log.grow(to: 250)
    let state = try await look(log).state
    try log.grow(to: 600)
    let entries = log.state.withLock { $0.entries }
    for index in [0, 100, 249, 250, 255, 256, 400, 511, 512, 599] {
      log.lie { path, bytes in
        guard let tile = TilePath(path), tile.content == .entries,
          index / 256 == tile.index, index % 256 < tile.width
        else { return bytes }
        var shown = Array(entries[(tile.index * 256)..<(tile.index * 256 + tile.width)])
        shown[index % 256][20] ^= 1
        return EntryBundle.encode(shown)
      }
      #expect(try await alarm(log, after: state) == .alteredEntry(index: index))
    }
  }

  @Test func anAlteredHashOfATileIsNamed() async throws {
    let log = try ShownLog()
    try log.grow(to: 250)
    let state = try await look(log).state
    try log.grow(to: 600)
    for (path, hash) in [
      ("tile/0/000", 0), ("tile/0/000", 255), ("tile/0/001", 7), ("tile/0/002.p/88", 87),
      ("tile/1/000.p/2", 1),
    ] {
      log.lie { shown, bytes in
        var bytes = bytes
        if shown == path { bytes[hash * 32 + 31] ^= 0x80 }
        return bytes
      }
      #expect(try await alarm(log, after: state) == .wrongTile(path: path, hash: hash))
    }
  }

  @Test(arguments: ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"])
  func aTileOfAnotherLengthIsNamed(_ path: String) async throws {
    let log = try ShownLog()
    try log.grow(to: 600)
    for change in [-32, -1, 1, 32] {
      log.lie { shown, bytes in
        guard shown == path else { return bytes }
        return change < 0 ? bytes.dropLast(-change) : bytes + [UInt8](repeating: 0, count: change)
      }
      #expect(try await alarm(log) == .wrongLength(path: path))
    }
    log.lie { shown, bytes in shown.hasPrefix(path.prefix(10)) ? nil : bytes }
    #expect(try await alarm(log) == .withheld(path: path))
  }

  @Test(arguments: ["tile/entries/000", "tile/entries/002.p/88"])
  func aBundleThatIsCutOrLongerIsNamed(_ path: String) async throws {
    let log = try ShownLog()
    try log.grow(to: 600)
    log.lie { $0 == path ? $1.dropLast() : $1 }
    #expect(try await alarm(log) == .malformedBundle(path: path))
    let entry = try ShownLog.entry(1)
    // The last entry, whose number has two digits more, and its length.
    log.lie { $0 == path ? $1.dropLast(entry.count + 2 + 2) : $1 }
    #expect(try await alarm(log) == .wrongLength(path: path))
    log.lie { $0 == path ? $1 + EntryBundle.encode([entry]) : $1 }
    #expect(try await alarm(log) == .wrongLength(path: path))
    log.lie { $0.hasPrefix(path.prefix(16)) ? nil : $1 }
    #expect(try await alarm(log) == .withheld(path: path))
  }

  // MARK: What is signed and yet wrong

  @Test func aGapAndARepetitionInAWellSignedLogAreToldOnce() async throws {
    let log = try ShownLog()
    try log.grow(to: 3)
    try log.add([
      ShownLog.entry(1, producer: "catalog"), ShownLog.entry(6), ShownLog.entry(6),
      ShownLog.entry(3, producer: "identity"), ShownLog.entry(7), Array("{}".utf8),
      ShownLog.entry(2, producer: "catalog"),
    ])
    let step = try await look(log)
    #expect(
      step.alarms == [
        .gap(producer: "settlement", expected: 4, found: 6, index: 4),
        .repeated(producer: "settlement", expected: 7, found: 6, index: 5),
        .gap(producer: "identity", expected: 1, found: 3, index: 6),
        .malformedEntry(index: 8),
      ])
    let state = try MonitorState(step.state.description.utf8, key: log.signer.verifierKey)
    try log.add([ShownLog.entry(8), ShownLog.entry(4, producer: "identity")])
    let next = try await look(log, after: state)
    #expect(next.alarms.isEmpty && next.newEntries == 2)
    try log.add([ShownLog.entry(10)])
    let last = try await look(log, after: next.state)
    #expect(last.alarms == [.gap(producer: "settlement", expected: 9, found: 10, index: 12)])
  }

  @Test func aLogThatStandsStillIsStaleAfterItsTime() async throws {
    let log = try ShownLog()
    try log.grow(to: 3)
    let monitor = LogMonitor(key: log.signer.verifierKey)
    let state = try await look(log).state
    let later = Self.now.adding(seconds: 61)
    let same = try await look(log, after: state, at: later).state
    #expect(same.since == Self.now)
    #expect(monitor.staleness(of: same, at: later, maximumAgeSeconds: 61) == nil)
    #expect(monitor.staleness(of: same, at: later, maximumAgeSeconds: 60) == .stale(seconds: 61))
    try log.grow(to: 4)
    let fresh = try await look(log, after: same, at: later).state
    #expect(monitor.staleness(of: fresh, at: later, maximumAgeSeconds: 60) == nil)
  }

  // MARK: What is remembered

  @Test func aStateThatWasAlteredIsNotBelieved() async throws {
    let log = try ShownLog()
    try log.grow(to: 300)
    let key = log.signer.verifierKey
    let text = try await look(log).state.description
    #expect(throws: LogFormatError.self) { try MonitorState(text.dropLast().utf8, key: key) }
    #expect(throws: LogFormatError.self) { try MonitorState("".utf8, key: key) }
    let tile = try #require(text.range(of: "tile 0/1 "))
    var altered = Array(text.utf8)
    altered[text.utf8.distance(from: text.startIndex, to: tile.upperBound) + 4] ^= 1
    #expect(throws: LogFormatError.malformed("monitor state")) {
      try MonitorState(altered, key: key)
    }
    let other = try NoteSigner(name: ShownLog.origin, key: .generate()).verifierKey
    #expect(throws: LogFormatError.notSigned(by: ShownLog.origin)) {
      try MonitorState(text.utf8, key: other)
    }
  }

  @Test func whatTheNetworkSaysEndsTheStep() async throws {
    struct Lost: Error {}
    let log = try ShownLog()
    try log.grow(to: 300)
    log.lie { $0 == "tile/0/000" ? [] : $1 }
    let monitor = LogMonitor(key: log.signer.verifierKey)
    let honest = log.fetch
    await #expect(throws: Lost.self) {
      try await monitor.look(after: nil, at: Self.now) { path in
        if path.hasPrefix("tile/0/") { throw Lost() }
        return try await honest(path)
      }
    }
  }
}
