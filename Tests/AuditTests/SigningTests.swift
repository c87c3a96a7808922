import AuditDomain
import AuditStore
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

@Suite(.timeLimit(.minutes(1))) struct SigningTests {
  @Test func theEmptyLogIsSignedAtOnce() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    let checkpoint = try await log.checkpoint()
    #expect(checkpoint == Checkpoint(origin: "ndx.local/audit", size: 0, root: MerkleHash.empty))
    await log.close()
  }

  @Test func noSizeIsSignedTwice() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...3))
    _ = try await log.checkpoint(covering: 3)
    for size in [0, 2, 3] {
      let again = SignedCheckpoint(size: size, root: MerkleHash.empty, note: "note")
      await #expect(throws: LogCorruption.self) {
        try await log.database.write { db in
          try CheckpointTable(db).insert(again)
        }
      }
    }
    await log.close()
  }

  @Test(arguments: [
    "UPDATE tile SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE level = 1",
    "UPDATE tile SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE level = 0 AND n = 0",
    "UPDATE entry SET time = 0 WHERE idx = 255",
  ])
  func aLogThatIsBentWhileRunningIsNotSigned(_ statement: String) async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...255))
    _ = try await log.checkpoint(covering: 255)
    log.database.add(Saboteur(statement: statement))
    try await log.append([Events.event(256)])
    let outcome = await log.signing.result
    #expect(throws: StartupError.self) { try outcome.get() }
    #expect(try await log.checkpoint().size == 255)
    await log.close()
  }

  @Test func whoWaitsForAnEntryGetsTheCheckpointThatCoversIt() async throws {
    let head = LogHead(nil)
    let waiting = Task { try await head.covering(1) }
    let patient = Task { try await head.covering(0) }
    head.publish(SignedCheckpoint(size: 0, root: MerkleHash.empty, note: "zero"))
    #expect(try await patient.value.note == "zero")
    head.publish(SignedCheckpoint(size: 1, root: MerkleHash.empty, note: "one"))
    #expect(try await waiting.value.note == "one")
  }

  @Test func whoWaitsInVainIsTold() async throws {
    let head = LogHead(nil, patience: .milliseconds(10))
    await #expect(throws: AuditError.checkpointPending) { try await head.covering(0) }
    let patient = LogHead(nil)
    let cancelled = Task { try await patient.covering(0) }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
  }
}

/// Adds a change of its own to every commit, after everything that the service writes.
private final class Saboteur: CommitObserver {
  let statement: String

  init(statement: String) { self.statement = statement }

  func groupWillCommit(_ db: Database) throws { try db.execute(sql: statement) }
}
