import Foundation
import Model
import Testing
import TransparencyLog

/// A monitor takes a long log in by steps, and may be killed between any two.
@Suite(.timeLimit(.minutes(5))) struct LogMonitorStepsTests {
  private static let now = Timestamp(microseconds: 1_800_000_000_000_000)

  private func look(
    _ log: ShownLog, after state: MonitorState? = nil, entries: Int = 256
  ) async throws -> LogMonitor.Step {
    try await LogMonitor(key: log.signer.verifierKey, stepEntries: entries)
      .look(after: state, at: Self.now, fetch: log.fetch)
  }

  private func alarm(_ log: ShownLog, after state: MonitorState?) async throws -> LogAlarm? {
    do {
      _ = try await look(log, after: state)
      return nil
    } catch let alarm as LogAlarm {
      return alarm
    }
  }

  /// What is left of a state when the process is killed after it was written.
  private func reread(_ state: MonitorState, _ log: ShownLog) throws -> MonitorState {
    let again = try MonitorState(state.description.utf8, key: log.signer.verifierKey)
    #expect(again == state, "what is written is what is read")
    return again
  }

  @Test func aLogOf70001EntriesIsResumedWhereTheMonitorWasKilled() async throws {
    let log = try ShownLog()
    try log.grow(to: 70_001)
    var state: MonitorState?
    var sizes: [Int] = []
    repeat {
      let step = try await look(log, after: state, entries: 16_384)
      let bundles = log.takeAsked().filter { $0.hasPrefix("tile/entries/") }
      #expect(bundles.count == (step.newEntries + 255) / 256, "nothing is read again")
      #expect(step.alarms.isEmpty)
      #expect(step.newEntries == step.state.verifiedEntries - (state?.verifiedEntries ?? 0))
      state = try reread(step.state, log)
      sizes.append(step.state.verifiedEntries)
    } while state?.isComplete == false
    #expect(sizes == [16_384, 32_768, 49_152, 65_536, 70_001])
  }

  @Test func aLogThatGrowsMeanwhileIsFollowedToItsEnd() async throws {
    let log = try ShownLog()
    try log.grow(to: 1_000)
    var state = try await look(log).state
    #expect(state.verifiedEntries == 256 && state.checkpoint.size == 1_000)
    for size in [1_300, 1_301, 2_000] {
      try log.grow(to: size)
      state = try reread(try await look(log, after: state).state, log)
      #expect(state.checkpoint.size == size)
    }
    while !state.isComplete { state = try await look(log, after: state).state }
    #expect(state.verifiedEntries == 2_000)
  }

  /// Also one that lies between what is verified and what was signed.
  @Test(arguments: [(100, 1_200), (700, 1_200), (999, 1_001), (700, 1_000)])
  func aForkOfWhatIsNotYetTakenInIsNamed(_ shared: Int, _ size: Int) async throws {
    let log = try ShownLog()
    try log.grow(to: 1_000)
    let state = try await look(log).state
    let other = try log.fork(after: shared)
    try other.grow(to: size, salt: "other")
    #expect(try await alarm(other, after: state) == .fork(from: 1_000, to: size))
    let older = try log.fork(after: 999)
    #expect(try await alarm(older, after: state) == .rollback(from: 1_000, to: 999))
  }

  @Test func anAlteredEntryIsNamedInTheStepThatReadsIt() async throws {
    let log = try ShownLog()
    try log.grow(to: 1_000)
    log.lie { path, bytes in
      var bytes = bytes
      if path == "tile/entries/002" { bytes[40] ^= 1 }
      return bytes
    }
    var state = try await look(log).state
    state = try await look(log, after: state).state
    #expect(try await alarm(log, after: state) == .alteredEntry(index: 512))
    log.lie { $1 }
    let step = try await look(log, after: state)
    #expect(step.state.verifiedEntries == 768)
  }

  @Test func aGapOfEachProducerIsToldOnceWhereverTheMonitorWasRestarted() async throws {
    let log = try ShownLog()
    let producers = ["settlement", "catalog", "identity"]
    // Each goes from 100 to 102 in a step after the one in which it had 100.
    var entries: [[UInt8]] = []
    for number in Int64(1)...400 where number != 101 {
      for producer in producers { entries.append(try ShownLog.entry(number, producer: producer)) }
    }
    try log.add(entries)
    var state: MonitorState?
    var alarms: [LogAlarm] = []
    repeat {
      let step = try await look(log, after: state)
      alarms += step.alarms
      state = try reread(step.state, log)
    } while state?.isComplete == false
    #expect(
      alarms
        == producers.enumerated().map {
          .gap(producer: $1, expected: 101, found: 102, index: 300 + $0)
        })
    for producer in producers {
      try log.add([try ShownLog.entry(402, producer: producer)])
      let step = try await look(log, after: state)
      let index = step.state.verifiedEntries - 1
      #expect(
        step.alarms == [.gap(producer: producer, expected: 401, found: 402, index: index)])
      state = try reread(step.state, log)
    }
  }

  @Test func aStateOfTheMiddleThatWasAlteredIsNotBelieved() async throws {
    let log = try ShownLog()
    try log.grow(to: 1_000)
    let text = try await look(log).state.description
    let key = log.signer.verifierKey
    for (old, new) in [
      ("verified 256\n", "verified 512\n"), ("verified 256\n", ""),
      ("verified 256\n", "verified 0\n"),
      ("verified 256\n", "verified 1000\n"),
    ] {
      #expect(throws: LogFormatError.self) {
        try MonitorState(text.replacing(old, with: new).utf8, key: key)
      }
    }
    let proof = try #require(text.range(of: "proof "))
    var altered = Array(text.utf8)
    altered[text.utf8.distance(from: text.startIndex, to: proof.upperBound) + 4] ^= 1
    #expect(throws: LogFormatError.self) { try MonitorState(altered, key: key) }
  }
}
