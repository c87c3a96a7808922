import AuditStore
import Crypto
import Foundation
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// Witnesses that object while the log runs, long after the fence was opened.
@Suite(.timeLimit(.minutes(1))) struct ObjectionTests {
  /// Somebody with the log's key has shown witnesses another continuation, that is smaller than the log, as large, or larger.
  @Test(arguments: [6, 7, 40])
  func aWitnessThatHasSeenAnotherContinuationEndsTheRunningLog(_ size: Int) async throws {
    let scene = try await WitnessedScene()
    let log = try await scene.open()
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    let other = try await continuation(of: log, from: 5, to: size, scene)
    for witness in scene.witnesses {
      guard case .cosigned = try await witness?.ask(other) else {
        Issue.record("the witness has not taken the other continuation")
        continue
      }
    }
    try await log.append(Events.events(6...7))
    let error = try await refusal(of: log)
    let expected = size > 7 ? "has cosigned this log at size 40" : "has cosigned"
    #expect(error?.kind == .badData && error?.message.contains(expected) == true, "\(error as Any)")
    try await expectNothingMoreIsSigned(log)
    #expect(try scene.conflicts().count >= 1)
    // Nor when it is started again.
    await log.close()
    #expect(try await scene.refusal()?.kind == .badData)
    await scene.close()
  }

  @Test(arguments: [(422, "text/plain", ""), (409, "text/x.tlog.size", "4000000000\n")])
  func anObjectionEndsTheRunningLogAndIsKept(
    _ status: Int, _ type: String, _ body: String
  ) async throws {
    let directory = try TemporaryDirectory()
    let witness = try await ScriptedWitness(directory)
    let log = try await witness.open(directory)
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    witness.answer { _ in
      WitnessAnswer(status: status, contentType: type, body: Array(body.utf8))
    }
    try await log.append([Events.event(6)])
    #expect(try await refusal(of: log)?.kind == .badData)
    try await expectNothingMoreIsSigned(log)
    let kept = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      .filter { $0.hasPrefix("witness-conflict-") }
    let file = try #require(kept.first)
    let text = try KeyFile.readText(directory.file(file))
    #expect(text.contains("--- asked\nold ") && text.contains("--- answered \(status)"), "\(text)")
    await log.close()
    // A witness that lied leaves the log whole: once it is honest, or out of the policy, the log goes on.
    witness.answer(nil)
    let again = try await witness.open(directory)
    try await again.append([Events.event(8)])
    let covered = try await again.quorum(covering: 8)
    #expect(covered.size == 8)
    await again.close()
    await witness.close()
  }

  /// What says nothing of the log's history only leaves the quorum open.
  @Test(arguments: [
    (500, "text/plain", "failed\n"), (403, "text/plain", ""), (404, "text/plain", ""),
    (409, "text/plain", "9\n"), (409, "text/x.tlog.size", "nine\n"),
    (409, "text/x.tlog.size", "99999999999999999999\n"),
    (200, "text/plain", ""), (200, "text/plain", "— w.example/s AAAA\n"),
  ])
  func anAnswerThatSaysNothingOfTheHistoryStopsNothing(
    _ status: Int, _ type: String, _ body: String
  ) async throws {
    let directory = try TemporaryDirectory()
    let witness = try await ScriptedWitness(directory)
    let log = try await witness.open(directory)
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    witness.answer { _ in
      WitnessAnswer(status: status, contentType: type, body: Array(body.utf8))
    }
    try await log.append([Events.event(6)])
    let asked = witness.asked
    _ = try await log.checkpoint(covering: 6)
    _ = try await log.until { witness.asked > asked ? true : nil }
    try await log.append([Events.event(7)])
    #expect(try await log.checkpoint(covering: 7).size == 7)
    #expect(log.handler.board.quorum?.size == 5)
    witness.answer(nil)
    let covered = try await log.quorum(covering: 7)
    #expect(covered.size == 7)
    await log.close()
    await witness.close()
  }

  /// A checkpoint of the log's key with its first entries and others after them.
  private func continuation(
    of log: OpenedLog, from old: Int, to size: Int, _ scene: WitnessedScene
  ) async throws -> AddCheckpointRequest {
    let own = try await log.database.read { try EntryTable($0).leafHashes(from: 0, to: old) }
    let others = (old..<size).map { MerkleHash.leaf(Array("other \($0)".utf8)) }
    var edge = TreeEdge()
    var tiles: [TileCoordinate: [Digest]] = [:]
    for tile in edge.append(own + others) { tiles[tile.coordinate] = tile.hashes }
    let known = tiles
    var reader = TileReader { known[$0] }
    let key = try Ed25519PrivateKey(pem: KeyFile.readText(scene.directory.file("log.key")))
    let signer = try NoteSigner(name: "ndx.local/audit", key: key)
    let checkpoint = Checkpoint(origin: signer.verifierKey.name, size: size, root: edge.root)
    return AddCheckpointRequest(
      oldSize: old, proof: try reader.consistencyProof(from: old, to: size),
      checkpoint: try signer.sign(checkpoint.text))
  }

  private func refusal(of log: OpenedLog) async throws -> StartupError? {
    do {
      try await log.signing.value
      return nil
    } catch {
      return error as? StartupError
    }
  }

  private func expectNothingMoreIsSigned(_ log: OpenedLog) async throws {
    let before = try await log.database.read { try CheckpointTable($0).latest() }
    let size = try await log.size()
    try await log.append([Events.event(Int64(size) + 1)])
    await #expect(throws: (any Error).self) {
      try await log.handler.head.covering(size + 1, within: .milliseconds(200))
    }
    let after = try await log.database.read { try CheckpointTable($0).latest() }
    #expect(before == after)
  }
}
