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

  /// Two witnesses, both of which must cosign, and the log that asks them; all as processes.
  private struct Scene {
    let directory: TemporaryDirectory
    let log: VerifierKey
    let policy: WitnessPolicy
    let witnesses: [WitnessProcess]
    let audit: AuditProcess

    init() async throws {
      directory = try TemporaryDirectory()
      let key = try Ed25519PrivateKey.generate()
      try KeyFile.write(key.pem(), to: directory.file("log.key"))
      log = try NoteSigner(name: "ndx.local/audit", key: key).verifierKey
      var witnesses: [WitnessProcess] = []
      var lines = "log \(log)\n"
      for name in ["w0", "w1"] {
        let first = try WitnessProcess(directory, name, log: log)
        try await first.start()
        lines += "witness \(name) \(try #require(first.key)) \(first.address)\n"
        let port = try #require(first.address.split(separator: ":").last.flatMap { Int($0) })
        #expect(try await first.process.terminate() == 0)
        let second = try WitnessProcess(directory, name, log: log, port: port)
        try await second.start()
        witnesses.append(second)
      }
      self.witnesses = witnesses
      let text = "\(lines)group both all w0 w1\nquorum both\n"
      try text.write(toFile: directory.file("policy"), atomically: true, encoding: .utf8)
      policy = try WitnessPolicy(text.utf8)
      audit = try await AuditProcess(
        directory,
        settings: [
          "witness-policy": directory.file("policy"), "checkpoint-interval-milliseconds": "10",
        ])
    }

    /// Appends events up to this one and returns once witnesses have cosigned them.
    func append(_ client: LogServiceClient, _ events: ClosedRange<Int64>) async throws {
      _ = try await client.appendEntries(.init(events: events.map { KilledLogTests.event($0) }))
      for _ in 0..<2_000 {
        let best = try await KilledLogTests.quorum(client, policy, log)
        if let best, best.checkpoint.size >= Int(events.upperBound) { return }
        try await Task.sleep(for: .milliseconds(5))
      }
      Issue.record("no quorum for \(events)")
    }

    func stop() async throws {
      for witness in witnesses { #expect(try await witness.process.terminate() == 0) }
    }
  }

  @Test func aRestoredBackupEndsTheProcess() async throws {
    let scene = try await Scene()
    let (audit, folder) = (scene.audit, scene.directory)
    try await scene.append(audit.start(), 1...5)
    #expect(try await audit.process.terminate() == 0)
    let (database, copy) = (folder.file("audit.sqlite"), folder.file("copy.sqlite"))
    try FileManager.default.copyItem(atPath: database, toPath: copy)
    try await scene.append(audit.start(), 6...9)
    #expect(try await audit.process.terminate() == 0)
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database + suffix)
    }
    try FileManager.default.moveItem(atPath: copy, toPath: database)
    try audit.process.start()
    #expect(try await audit.process.untilExit() == StartupError.Kind.badData.rawValue)
    #expect(audit.process.log.contains("has cosigned this log at size 9"))
    _ = try await audit.stop()
    try await scene.stop()
  }

  @Test func everyCheckpointWithQuorumSurvivesKills() async throws {
    let scene = try await Scene()
    let (audit, witnesses) = (scene.audit, scene.witnesses)
    let (policy, log) = (scene.policy, scene.log)
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
    try await scene.stop()
    let evidence = try ["w0", "w1"].flatMap {
      try FileManager.default.contentsOfDirectory(atPath: scene.directory.file("\($0)/evidence"))
    }
    #expect(evidence.isEmpty)
  }

  /// The same event every time it is sent.
  private static func event(_ sequence: Int64) -> AuditV1.Event {
    Events.event(sequence, id: EventID(high: 7, low: UInt64(sequence)))
  }
}
