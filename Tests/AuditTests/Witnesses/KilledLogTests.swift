import Crypto
import Foundation
import Model
import ServiceRuntime
import Stubs
import TestSupport
import Testing
import TransparencyLog

/// Log and witnesses as processes, killed at any moment.
@Suite(.timeLimit(.minutes(3))) struct KilledLogTests {
  /// The newest checkpoint with quorum that anyone was shown.
  private struct Best {
    let checkpoint: Checkpoint
    let note: SignedNote
  }

  private static func quorum(
    _ log: LogServiceClient, _ policy: WitnessPolicy, _ key: VerifierKey
  ) async throws -> Best? {
    let text = try await log.getCheckpoint(.init()).quorumCheckpoint
    guard !text.isEmpty else { return nil }
    let note = try SignedNote(text.utf8)
    #expect(policy.isSatisfied(by: note))
    return Best(checkpoint: try Checkpoint.verified(text.utf8, with: key), note: note)
  }

  /// What was shown before is a prefix of what is shown now.
  private static func check(_ best: Best, _ log: LogServiceClient, _ now: Best?) async throws {
    let now = try #require(now, "the checkpoint of size \(best.checkpoint.size) is gone")
    try #require(now.checkpoint.size >= best.checkpoint.size)
    let proof = try await log.getConsistencyProof(
      .init(
        firstSize: Int64(best.checkpoint.size), secondSize: Int64(now.checkpoint.size)))
    #expect(
      ProofVerification.consistency(
        from: best.checkpoint.size, firstRoot: best.checkpoint.root, to: now.checkpoint.size,
        secondRoot: now.checkpoint.root, proof: proof.hashes))
  }

  @Test func everyCheckpointWithQuorumSurvivesKills() async throws {
    let directory = try TemporaryDirectory()
    let key = try Ed25519PrivateKey.generate()
    try KeyFile.write(key.pem(), to: directory.file("log.key"))
    let log = try NoteSigner(name: "ndx.local/audit", key: key).verifierKey
    var witnesses: [WitnessProcess] = []
    var lines = "log \(log)\n"
    for name in ["w0", "w1"] {
      let first = try WitnessProcess(directory, name, log: log)
      try await first.start()
      lines += "witness \(name) \(try #require(first.key)) \(first.address)\n"
      let port = try #require(first.address.split(separator: ":").last.flatMap { Int($0) })
      #expect(try await first.process.terminate() == 0)
      witnesses.append(try WitnessProcess(directory, name, log: log, port: port))
      try await witnesses.last?.start()
    }
    let text = "\(lines)group both all w0 w1\nquorum both\n"
    try text.write(toFile: directory.file("policy"), atomically: true, encoding: .utf8)
    let policy = try WitnessPolicy(text.utf8)
    let audit = try await AuditProcess(
      directory,
      settings: [
        "witness-policy": directory.file("policy"), "checkpoint-interval-milliseconds": "10",
      ])
    let moments = RandomMoments()
    var (next, best): (Int64, Best?) = (1, nil)
    for round in 0..<6 {
      let client = try await audit.start()
      if let best { try await Self.check(best, client, Self.quorum(client, policy, log)) }
      let first = next
      let working = Task { () -> (Int64, Best?) in
        var (next, newest): (Int64, Best?) = (first, nil)
        do {
          while true {
            _ = try await client.appendEntries(.init(events: [Self.event(next)]))
            next += 1
            newest = try await Self.quorum(client, policy, log) ?? newest
          }
        } catch { return (next, newest) }
      }
      try await Task.sleep(for: .milliseconds(150) + moments.next(upTo: .milliseconds(150)))
      // A witness dies under the log, then the log itself.
      try await witnesses[round % 2].process.kill()
      try await Task.sleep(for: moments.next(upTo: .milliseconds(20)))
      try await audit.kill()
      let (reached, seen) = await working.value
      next = reached
      best = seen ?? best
      try await witnesses[round % 2].start()
    }
    let client = try await audit.start()
    if let best { try await Self.check(best, client, Self.quorum(client, policy, log)) }
    #expect(best.map { $0.checkpoint.size > 0 } == true)
    #expect(try await audit.stop() == 0)
    for witness in witnesses { #expect(try await witness.process.terminate() == 0) }
    let evidence = try ["w0", "w1"].flatMap {
      try FileManager.default.contentsOfDirectory(atPath: directory.file("\($0)/evidence"))
    }
    #expect(evidence.isEmpty)
  }

  /// The same event every time it is sent.
  private static func event(_ sequence: Int64) -> AuditV1.Event {
    Events.event(sequence, id: EventID(high: 7, low: UInt64(sequence)))
  }
}
