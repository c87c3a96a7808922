import AuditDomain
import AuditStore
import Crypto
import Foundation
import GRDB
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog
import Witnessing

@testable import AuditAPI

/// The log with real witnesses over real TLS.
@Suite(.timeLimit(.minutes(1))) struct WitnessedLogTests {
  @Test func quorumIsPublishedAndReceiptsCarryIt() async throws {
    let scene = try await WitnessedScene()
    let log = try await scene.open()
    try await log.append(Events.events(1...5))
    let quorum = try await log.quorum(covering: 5)
    let note = try SignedNote(quorum.note.utf8)
    #expect(scene.policy.isSatisfied(by: note))
    let receipt = try await log.receipt(.index(2))
    #expect(receipt.checkpoint.size == 5 && scene.policy.isSatisfied(by: receipt.note))
    let all = try await log.until {
      let answer = try await log.handler.getCheckpoint(.init(), .test())
      return answer.witnesses.allSatisfy { $0.size == 5 } ? answer : nil
    }
    #expect(all.isQuorumMet)
    #expect(all.witnesses.map(\.name) == ["w0", "w1", "w2"])
    #expect(all.witnesses.map(\.verifierKey) == scene.policy.witnesses.map(\.key.description))
    let age = all.witnesses.compactMap { $0.cosignTime }
    #expect(age.count == 3)
    #expect(scene.policy.cosigners(of: try SignedNote(all.checkpoint.utf8)) == [0, 1, 2])
    let published = PublicLog(
      database: log.database, head: log.handler.head, board: log.handler.board)
    let answer = await published.answer("/checkpoint")
    #expect(answer.status == 200)
    #expect(scene.policy.isSatisfied(by: try SignedNote(answer.body)))
    await log.close()
    await scene.close()
  }

  @Test func whatHasNoQuorumIsSignedButNotPublished() async throws {
    let scene = try await WitnessedScene()
    var log = try await scene.open()
    try await log.append(Events.events(1...5))
    let quorum = try await log.quorum(covering: 5)
    for index in [0, 1] { await scene.stop(index) }
    try await log.append([Events.event(6)])
    _ = try await log.checkpoint(covering: 6)
    let answer = try await log.handler.getCheckpoint(.init(), .test())
    #expect(!answer.isQuorumMet)
    let kept = try Checkpoint.verified(answer.quorumCheckpoint.utf8, with: scene.verifierKey)
    #expect(kept.size == quorum.size)
    let published = PublicLog(
      database: log.database, head: log.handler.head, board: log.handler.board)
    let body = await published.answer("/checkpoint").body
    #expect(try Checkpoint.verified(body, with: scene.verifierKey).size == 5)
    // What had quorum has it after a restart too, though nobody can be asked.
    await log.close()
    await scene.stop(2)
    log = try await scene.open()
    #expect(log.handler.board.quorum?.size == 5)
    for index in 0..<3 { try await scene.restart(index) }
    _ = try await log.quorum(covering: 6)
    await log.close()
    await scene.close()
  }

  @Test func nothingIsSignedBeforeEveryQuorumHasBeenHeard() async throws {
    let scene = try await WitnessedScene()
    for index in [0, 1] { await scene.stop(index) }
    let log = try await scene.open()
    try await log.append(Events.events(1...5))
    // The one witness that is there has cosigned the empty log; it takes two.
    _ = try await log.until {
      log.handler.board.witnesses[2].cosignTime == nil ? nil : true
    }
    let newest = try await log.checkpoint()
    #expect(newest.size == 0)
    #expect(
      await PublicLog(
        database: log.database, head: log.handler.head, board: log.handler.board
      ).answer("/checkpoint").status == 503)
    try await scene.restart(1)
    _ = try await log.quorum(covering: 5)
    await log.close()
    await scene.close()
  }

  @Test func aRestoredOldDatabaseIsRefused() async throws {
    let scene = try await WitnessedScene()
    var log = try await scene.open()
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    await log.close()
    try scene.copyDatabase()
    log = try await scene.open()
    try await log.append(Events.events(6...9))
    _ = try await log.quorum(covering: 9)
    await log.close()
    try scene.restoreCopy()
    let error = try #require(try await scene.refusal())
    #expect(error.kind == .badData)
    #expect(error.message.contains("has cosigned this log at size 9"), "\(error)")
    #expect(try scene.conflicts().count >= 1)
    // Not even after appending as much as was lost.
    let again = try await scene.open()
    _ = try? await again.append(Events.events(6...9))
    let result = await again.signing.result
    #expect(throws: StartupError.self) { try result.get() }
    #expect(try await again.checkpoint().size == 5)
    await again.close()
    #expect(scene.witnesses.allSatisfy { $0?.conflicts.isEmpty == true })
    await scene.close()
  }

  /// A database that was lost altogether while the key was not.
  @Test func anEmptyDatabaseUnderTheOldKeyIsRefused() async throws {
    let scene = try await WitnessedScene()
    let log = try await scene.open()
    try await log.append(Events.events(1...3))
    _ = try await log.quorum(covering: 3)
    await log.close()
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: scene.directory.file("audit.sqlite\(suffix)"))
    }
    let error = try #require(try await scene.refusal())
    #expect(error.message.contains("has cosigned this log at size 3"), "\(error)")
    await scene.close()
  }

  @Test(arguments: [Int64(9), 12])
  func anotherHistoryUnderTheSameKeyIsRefused(_ size: Int64) async throws {
    let scene = try await WitnessedScene(quorum: 3)
    var log = try await scene.open()
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    await log.close()
    try scene.copyDatabase()
    log = try await scene.open()
    try await log.append(Events.events(6...9))
    _ = try await log.quorum(covering: 9)
    await log.close()
    try scene.restoreCopy()
    log = try await scene.openWithoutWitnesses()
    try await log.append(Events.events(6...size))
    _ = try await log.checkpoint(covering: Int(size))
    await log.close()
    let error = try #require(try await scene.refusal())
    #expect(error.message.contains("has cosigned another history of this log"), "\(error)")
    #expect(try scene.conflicts().count >= 1)
    let told = scene.witnesses.flatMap { $0?.conflicts ?? [] }
    #expect(!told.isEmpty && told.allSatisfy { $0 == (size == 9 ? .fork : .unproven) })
    await scene.close()
  }

  @Test func cosignaturesAreRefreshed() async throws {
    let scene = try await WitnessedScene()
    let log = try await scene.open(["witness-refresh-seconds": "1"])
    _ = try await log.quorum(covering: 0)
    let first = try await log.until { log.handler.board.witnesses[0].cosignTime }
    let later = try await log.until {
      log.handler.board.witnesses[0].cosignTime.flatMap { $0 > first ? $0 : nil }
    }
    #expect(later > first)
    let rows = try await log.database.read {
      try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM cosignature")
    }
    #expect(rows.map { $0 <= 3 } == true)
    await log.close()
    await scene.close()
  }

  @Test(arguments: [
    (
      "UPDATE cosignature SET signature = CAST(x'01' || substr(signature, 2) AS BLOB) WHERE witness = 1",
      "cosignature"
    ),
    (
      "UPDATE cosignature SET signature = CAST(substr(signature, 1, 71) || x'ff' AS BLOB) WHERE witness = 1",
      "cosignature"
    ),
    ("UPDATE cosignature SET witness = 77 WHERE witness = 1", "cosignature"),
    ("UPDATE witness SET key = replace(key, 'w.example', 'W.example') WHERE id = 1", "witness"),
  ])
  func alteredWordsOfWitnessesAreNamed(_ statement: String, _ part: String) async throws {
    let scene = try await WitnessedScene(quorum: 3)
    let log = try await scene.open()
    try await log.append(Events.events(1...5))
    _ = try await log.quorum(covering: 5)
    let clean = try await log.faults()
    #expect(clean.isEmpty)
    await log.close()
    await scene.close()
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: scene.directory.file("audit.sqlite"), configuration: configuration)
    try await queue.write { try $0.execute(sql: statement) }
    try queue.close()
    let bent = try await scene.openWithoutWitnesses()
    let faults = try await bent.faults()
    let parts = Set(faults.map { "\($0.part)" })
    #expect(parts.contains(part), "\(faults)")
    await bent.close()
  }

  @Test func aPolicyThatCannotBeFollowedIsRefused() async throws {
    let scene = try await WitnessedScene()
    let key = scene.policy.witnesses[0].key
    let other = try NoteSigner(name: "ndx.local/audit", key: .generate()).verifierKey
    let wrong = [
      "quorum nobody\n", "witness w \(key)\nquorum w\n",
      "witness w \(key) http://example.com/\nquorum w\n",
      "log \(other)\nwitness w \(key) https://localhost/\nquorum w\n",
    ]
    for text in wrong {
      let path = scene.directory.file("policy")
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      let error = await #expect(throws: StartupError.self) { try await scene.open() }
      #expect(error?.kind == .configuration)
    }
    await scene.close()
  }
}
