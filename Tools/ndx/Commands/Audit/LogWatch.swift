import Client
import Crypto
import Foundation
import Model
import RPC
import Synchronization
import TransparencyLog

/// Looks at a log again and again, tells what it sees, and remembers it.
final class LogWatch: Sendable {
  private static let longestPause = Duration.seconds(300)

  private let source: PublicLogSource
  private let monitor: LogMonitor
  private let policy: WitnessPolicy?
  private let stateFile: String
  private let maximumAgeSeconds: Int64?
  private let display: OutputOptions
  private let alarmed = Mutex<String?>(nil)

  init(
    source: PublicLogSource, key: VerifierKey, policy: WitnessPolicy?, stateFile: String,
    maximumAgeSeconds: Int64?, display: OutputOptions
  ) {
    self.source = source
    monitor = LogMonitor(key: key)
    self.policy = policy
    self.stateFile = stateFile
    self.maximumAgeSeconds = maximumAgeSeconds
    self.display = display
  }

  /// The reason of the first alarm; nil when there was none.
  var firstAlarm: String? { alarmed.withLock { $0 } }

  /// Looks until all that the newest checkpoint covers has been verified, or there is an alarm.
  func lookOnce(after state: MonitorState?) async throws {
    var state = state
    var known: Set<LogAlarm> = []
    while true {
      let sight = try await look(after: state)
      try tell(sight, since: state, isSpoken: true, but: known)
      guard let step = sight.step, !step.state.isComplete else { return }
      state = step.state
      known.formUnion(sight.alarms)
    }
  }

  /// Never returns. What cannot be reached is tried again, after longer and longer pauses.
  func goOn(after state: MonitorState?, every interval: Duration) async throws {
    var state = state
    var isFirst = true
    var known: Set<LogAlarm> = []
    var failures = 0
    while true {
      do {
        let sight = try await look(after: state)
        if failures > 0 {
          Console.note(
            Text(vi: "Nhật ký trả lời trở lại.", en: "The log answers again.")[
              display.effectiveLanguage])
        }
        failures = 0
        try tell(sight, since: state, isSpoken: isFirst, but: known)
        known = Set(sight.alarms)
        state = sight.step?.state ?? state
        isFirst = false
        if let step = sight.step, !step.state.isComplete { continue }
      } catch let failure as WebFailure {
        if failures == 0 { Console.note("ndx: \(failure.text[display.effectiveLanguage])") }
        failures += 1
      }
      try await Task.sleep(for: min(interval * (1 << min(failures, 10)), Self.longestPause))
    }
  }

  /// What one look has shown.
  private struct Sight {
    var alarms: [LogAlarm]
    /// Nil when nothing of it is to be believed.
    var step: LogMonitor.Step?
    var evidence: String?
    var witnesses: [String] = []
  }

  private func look(after state: MonitorState?) async throws -> Sight {
    let now = WallClock.system.now()
    do {
      let step = try await monitor.look(after: state, at: now, fetch: source.fetch)
      var sight = Sight(alarms: step.alarms, step: step)
      if let policy {
        let note = try SignedNote(step.state.note.utf8)
        let cosigners = policy.cosigners(of: note)
        sight.witnesses = cosigners.sorted().map { policy.witnesses[$0].name }
        if !policy.isQuorum(cosigners) {
          sight.alarms.append(.noQuorum(witnesses: sight.witnesses))
        }
      }
      if let maximumAgeSeconds {
        sight.alarms += [
          monitor.staleness(of: step.state, at: now, maximumAgeSeconds: maximumAgeSeconds)
        ].compactMap(\.self)
      }
      return sight
    } catch let alarm as LogAlarm {
      return Sight(alarms: [alarm], evidence: try keepEvidence(of: alarm, after: state))
    }
  }

  /// Writes down both checkpoints of a contradiction, and returns where.
  private func keepEvidence(of alarm: LogAlarm, after state: MonitorState?) throws -> String? {
    guard alarm.isContradiction else { return nil }
    let shown = source.checkpoint
    let name = Digest.sha256(of: Array(shown.utf8)).hex.prefix(16)
    let path = "\(stateFile).evidence-\(name)"
    let before = state.map { "\($0.note)\n" } ?? ""
    try LocalFile.write("\(before)\(shown)", to: path)
    return path
  }

  /// Alarms first: they must not be lost when the state is written and the process ends.
  private func tell(
    _ sight: Sight, since state: MonitorState?, isSpoken: Bool, but known: Set<LogAlarm>
  ) throws {
    for alarm in sight.alarms where !known.contains(alarm) {
      alarmed.withLock { $0 = $0 ?? alarm.reason }
      try tell(alarm, sight.evidence)
    }
    guard let step = sight.step else { return }
    let isNew = step.state != state
    if isNew || isSpoken { try tell(step, sight.witnesses) }
    if isNew { try LocalFile.write(step.state.description, to: stateFile) }
  }

  private func tell(_ alarm: LogAlarm, _ evidence: String?) throws {
    guard display.output == .text else {
      return Console.write(
        try ProtoJSON.text(
          of: MonitorAlarmLine(
            time: WallClock.system.now(), alarm: alarm.reason, vi: alarm.text.vi,
            en: alarm.text.en, evidence: evidence), pretty: false))
    }
    let word = Text(vi: "BÁO ĐỘNG", en: "ALARM")[display.effectiveLanguage]
    let file = evidence.map { " (\($0))" } ?? ""
    Console.note("\(word) \(alarm.reason): \(alarm.text[display.effectiveLanguage])\(file)")
  }

  private func tell(_ step: LogMonitor.Step, _ witnesses: [String]) throws {
    let line = MonitorLine(
      time: WallClock.system.now(), log: step.state.checkpoint.origin,
      size: step.state.checkpoint.size, verifiedEntries: step.state.verifiedEntries,
      newEntries: step.newEntries,
      root: step.state.checkpoint.root.hex, witnesses: witnesses)
    Console.write(
      display.output == .json ? try ProtoJSON.text(of: line, pretty: false) : line.text)
  }
}

/// What is told of a checkpoint.
private struct MonitorLine: Encodable {
  let time: Timestamp
  let log: String
  let size: Int
  let verifiedEntries: Int
  let newEntries: Int
  let root: String
  let witnesses: [String]

  var text: String {
    let names = witnesses.isEmpty ? "" : "  \(witnesses.joined(separator: ","))"
    let progress = verifiedEntries == size ? "\(size)" : "\(verifiedEntries)/\(size)"
    return "\(time)  \(log)  \(progress)  +\(newEntries)  \(root)\(names)"
  }
}

private struct MonitorAlarmLine: Encodable {
  let time: Timestamp
  let alarm: String
  let vi: String
  let en: String
  let evidence: String?
}
