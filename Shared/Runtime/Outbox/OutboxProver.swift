package import Logging
import Model
import ServiceLifecycle
package import TransparencyLog

/// Sees to it that what the log has taken is in the log that it signs: follows its checkpoints, each the continuation
/// of the one before, and has every event of the outbox proven against one. Then the outbox lets go of them. Receipts
/// wake it; it asks at most once in `pause` unless it is behind.
///
/// What does not hold is reported and tried again, and holds up nothing else: events are sent as ever, and stay in the
/// outbox.
package struct OutboxProver: Service {
  /// How often it asks, and for how long it trusts.
  package struct Pace: Sendable {
    /// Between two rounds.
    package var pause = Duration.seconds(1)
    /// How long the log may sign nothing that covers an entry that it has taken.
    package var patience = Duration.seconds(60)
    /// How many events are proven, and leave the outbox, at a time.
    package var eventsPerRound = ProofLimits.eventsPerRound

    package init() {}
  }

  private let database: ServiceDatabase
  private let log: LogProofs
  private let key: VerifierKey?
  private let kept: Set<String>
  private let pace: Pace
  private let status: OutboxStatus
  private let evidence: EvidenceFolder?
  private let logger: Logger
  private let signal = CommitSignal()

  /// - Parameters:
  ///   - key: the log's; the first that it shows is believed when nil.
  ///   - kept: see `ServiceDefinition.keptEvents`.
  package init(
    database: ServiceDatabase, log: LogProofs, key: VerifierKey? = nil,
    keeping kept: Set<String> = [], pace: Pace = Pace(), status: OutboxStatus = OutboxStatus(),
    evidence: EvidenceFolder? = nil, logger: Logger
  ) {
    self.database = database
    self.log = log
    self.key = key
    self.kept = kept
    self.pace = pace
    self.status = status
    self.evidence = evidence
    self.logger = logger
    database.add(signal)
  }

  package func run() async throws {
    try? await cancelWhenGracefulShutdown { try await follow() }
  }

  private func follow() async throws {
    var backoff = Backoff(first: pace.pause, limit: pace.pause * 30)
    var wait = CoverageWait(patience: pace.patience)
    for await _ in signal.wakeups {
      var next = Next.round
      while next != .receipts {
        do {
          next = try await round(&wait)
          backoff.reset()
          if next != .receipts { status.trust() }
          if next != .round { try await Task.sleep(for: pace.pause) }
        } catch {
          try Task.checkCancellation()
          report(error)
          if ProofFailure(error) == nil { wait.logIsSilent() }
          try await backoff.wait()
        }
      }
    }
  }

  private enum Next {
    /// There is more to prove now.
    case round
    /// There may be, in a while.
    case pause
    /// Everything is proven.
    case receipts
  }

  private func round(_ wait: inout CoverageWait) async throws -> Next {
    let (sequence, events) = try await database.read { db in
      (
        try OutboxProof.sequence(db),
        try OutboxProof.unproven(db, limit: pace.eventsPerRound)
      )
    }
    status.prove(to: sequence, unproven: events.first?.time)
    guard let first = events.first else { return .receipts }
    let trusted = try await newest()
    let covered = events.prefix { $0.index < trusted.checkpoint.size }
    guard !covered.isEmpty else {
      try wait.isUncovered(first.index)
      return .pause
    }
    wait.end()
    var proven: Int64?
    let outcome = await Result<Void, any Error>.of {
      for run in covered.runs.prefix(ProofLimits.runsPerRound) {
        try await log.verify(run, in: trusted)
        proven = run.last?.sequence
      }
    }
    if let proven {
      try await database.write { [kept] in
        try OutboxProof.advance(to: proven, keeping: kept, $0)
      }
    }
    try outcome.get()
    let isBehind = covered.count == pace.eventsPerRound || proven != covered.last?.sequence
    return isBehind ? .round : .pause
  }

  /// The newest checkpoint, noted as soon as it is believed: a log that goes behind it later is found out.
  private func newest() async throws -> TrustedLog {
    let known = try await database.read { try OutboxProof.trustedLog($0) }
    let newest = try await log.newest(after: known, key: key)
    if newest.checkpoint != known?.checkpoint || newest.key != known?.key {
      try await database.write { try OutboxProof.trust(newest, $0) }
    }
    return newest
  }

  /// Says it once for each problem. That the log cannot be reached the relay says.
  private func report(_ error: any Error) {
    guard let failure = ProofFailure(error) else {
      logger.info("no proofs from the log", metadata: ["cause": "\(error)"])
      return
    }
    guard failure.problem != status.proofProblem else { return }
    logger.error(
      "the log does not prove what it has taken",
      metadata: ["problem": "\(failure.problem.text[.en])"])
    evidence?.keep(failure)
    status.distrust(failure.problem)
  }
}

/// For how long the log has signed nothing that covers the first unproven entry.
private struct CoverageWait {
  let patience: Duration
  private var index: Int?
  private var since = ContinuousClock.now

  init(patience: Duration) { self.patience = patience }

  private var isOver: Bool { index != nil && ContinuousClock.now - since > patience }

  /// - Throws: `ProofFailure`, when the patience is at its end.
  mutating func isUncovered(_ index: Int) throws {
    if self.index != index { (self.index, since) = (index, .now) }
    if isOver { throw ProofFailure(.uncovered(index: index)) }
  }

  /// A log that cannot be asked is given its time anew.
  mutating func logIsSilent() {
    if !isOver { index = nil }
  }

  mutating func end() { index = nil }
}

extension ArraySlice<UnprovenEvent> {
  /// Parts whose indexes in the log are neighbours.
  fileprivate var runs: [ArraySlice<UnprovenEvent>] {
    var runs: [ArraySlice<UnprovenEvent>] = []
    var start = startIndex
    for place in indices.dropFirst() where self[place].index != self[place - 1].index + 1 {
      runs.append(self[start..<place])
      start = place
    }
    if start < endIndex { runs.append(self[start...]) }
    return runs
  }
}
