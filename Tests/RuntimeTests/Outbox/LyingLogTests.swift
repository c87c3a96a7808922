import Foundation
import Model
import RPC
import TestSupport
import Testing
import TransparencyLog

@testable import ServiceRuntime

/// A log that does not prove what it has taken is reported, with what shows it; the events stay.
@Suite(.timeLimit(.minutes(1))) struct LyingLogTests {
  private var scene: ProverScene

  init() throws { scene = try ProverScene() }

  struct Case: Sendable, CustomTestStringConvertible {
    let lie: SignedMemoryLog.Lie
    let isExpected: @Sendable (ProofProblem?) -> Bool
    /// Whether two signed notes, or a note and hashes, show it to anyone.
    let evidence: String?

    var testDescription: String { "\(lie)" }
  }

  static let cases: [Case] = [
    Case(
      lie: .shrunk(to: 4), isExpected: { $0 == .rollback(from: 10, to: 4) },
      evidence: "rollback-10"),
    Case(
      lie: .forked(at: 3), isExpected: { $0 == .fork(from: 10, to: 15) }, evidence: "fork-10"),
    Case(
      lie: .wrongSignature,
      isExpected: { if case .badCheckpoint = $0 { true } else { false } }, evidence: "checkpoint"),
    Case(
      lie: .malformed,
      isExpected: { if case .badCheckpoint = $0 { true } else { false } }, evidence: "checkpoint"),
    Case(
      lie: .otherKey,
      isExpected: { if case .otherKey = $0 { true } else { false } }, evidence: "checkpoint"),
    Case(
      lie: .wrongProofs, isExpected: { $0 == .notIncluded(sequence: 11, index: 10, size: 15) },
      evidence: "entry-10"),
    Case(
      lie: .refusal(RPCStatus(code: .notFound, message: "gone")),
      isExpected: { if case .refused = $0 { true } else { false } }, evidence: nil),
  ]

  @Test(arguments: cases)
  func lieIsReportedUntilTheTruthIsToldAgain(_ lie: Case) async throws {
    try await scene.emit(10)
    try await scene.running { try await scene.until { $0 == 10 } }
    let note = try await scene.test.database.read { try OutboxProof.trustedLog($0) }?.note
    scene.log.lie(lie.lie)
    try await scene.emit(5)
    try await scene.running {
      try await scene.untilDistrusted()
      let problem = scene.status.proofProblem
      #expect(lie.isExpected(problem), "\(String(describing: problem))")
      #expect(scene.gauge("ndx_outbox_log_distrusted") == 1)
      let text = try String(contentsOfFile: scene.attention.path, encoding: .utf8)
      let sentence = try #require(problem?.text)
      #expect(text.contains("\"en\"") && text.contains("\"vi\"") && !sentence.vi.isEmpty)
      // Nothing is held up, and nothing is let go.
      try await scene.emit(1)
      try await scene.untilRelayed(16)
      #expect(try await scene.rows() == Array(10...16))
      try checkEvidence(lie, note)
      scene.log.lie(.truth)
      try await scene.until { $0 == 16 }
      #expect(!scene.needsAttention && scene.gauge("ndx_outbox_log_distrusted") == 0)
    }
    #expect(try await scene.rows() == [16])
  }

  private func checkEvidence(_ lie: Case, _ note: String?) throws {
    let files = try scene.evidence
    guard let name = lie.evidence else {
      #expect(files.isEmpty)
      return
    }
    let text = try #require(files["log-evidence-\(name).txt"])
    #expect(files.count == 1)
    if name != "entry-10" { #expect(text.contains(try #require(note))) }
    #expect(text.components(separatedBy: "--- ").count > 2)
  }

  @Test func aLogThatWasForkedWhileNobodyLookedIsFoundOut() async throws {
    try await scene.emit(10)
    try await scene.running { try await scene.until { $0 == 10 } }
    scene.log.lie(.forked(at: 9))
    try await scene.emit(1)
    try await scene.running {
      try await scene.untilDistrusted()
      #expect(scene.status.proofProblem == .fork(from: 10, to: 11))
    }
    // And again after every start.
    try await scene.running {
      try await scene.untilDistrusted()
      #expect(try await scene.rows() == [10, 11])
    }
  }

  @Test mutating func aLogThatNeverSignsWhatItHasTakenIsReported() async throws {
    scene.pace.patience = .milliseconds(30)
    scene.log.lie(.stuck(at: 2))
    try await scene.emit(5)
    try await scene.running {
      try await scene.untilDistrusted()
      #expect(scene.status.proofProblem == .uncovered(index: 2))
      // What is covered is proven meanwhile.
      #expect(try await scene.rows() == Array(2...5))
      scene.log.lie(.truth)
      try await scene.until { $0 == 5 }
      #expect(!scene.needsAttention)
    }
  }

  @Test func theKeyOfTheConfigurationIsBelievedAlone() async throws {
    try await scene.emit(1)
    try await scene.running(key: scene.log.other.verifierKey) {
      try await scene.untilDistrusted()
      guard case .otherKey(let expected, let shown) = scene.status.proofProblem else {
        Issue.record("\(String(describing: scene.status.proofProblem))")
        return
      }
      #expect(expected == scene.log.other.verifierKey.description)
      #expect(shown == scene.log.signer.verifierKey.description)
      #expect(try await scene.test.database.read { try OutboxProof.trustedLog($0) } == nil)
    }
  }

  @Test func aNewKeyIsBelievedWhenItIsConfiguredAndTheHistoryGoesOn() async throws {
    try await scene.emit(4)
    try await scene.running { try await scene.until { $0 == 4 } }
    scene.log.lie(.otherKey)
    try await scene.emit(4)
    try await scene.running(key: scene.log.other.verifierKey) {
      try await scene.until { $0 == 8 }
    }
    // It is the one from now on, without the setting too.
    try await scene.emit(1)
    try await scene.running { try await scene.until { $0 == 9 } }
  }

  @Test func alteredTrustIsReported() async throws {
    try await scene.emit(3)
    try await scene.running { try await scene.until { $0 == 3 } }
    try await scene.execute(
      "UPDATE outbox_proof SET checkpoint = replace(checkpoint, char(10) || '3' || char(10), char(10) || '2' || char(10))"
    )
    try await scene.emit(1)
    try await scene.running {
      try await scene.untilDistrusted()
      guard case .alteredTrust = scene.status.proofProblem else {
        Issue.record("\(String(describing: scene.status.proofProblem))")
        return
      }
      #expect(try await scene.rows() == [3, 4])
    }
  }

  @Test func bothProblemsAreToldAtOnce() throws {
    scene.status.hold(1, since: nil, .badReceipt("x"))
    scene.status.distrust(.uncovered(index: 2))
    let text = try String(contentsOfFile: scene.attention.path, encoding: .utf8)
    #expect(text.contains("receipts of the log") && text.contains("signs no checkpoint"))
    scene.status.clear()
    let rest = try String(contentsOfFile: scene.attention.path, encoding: .utf8)
    #expect(!rest.contains("receipts of the log") && rest.contains("signs no checkpoint"))
    scene.status.trust()
    #expect(!scene.needsAttention)
  }
}
