import Foundation
import GRDB
import Logging
import Model
import RPC
import TestSupport
import Testing
import TransparencyLog

@testable import ServiceRuntime

/// A producer sees for itself that the log holds its events, and keeps them until it does.
@Suite(.timeLimit(.minutes(1))) struct OutboxProverTests {
  private var scene: ProverScene

  init() throws { scene = try ProverScene() }

  @Test func provenEventsLeaveTheOutboxAndTheNextGetsTheNextNumber() async throws {
    try await scene.emit(20)
    try await scene.running {
      try await scene.until { $0 == 20 }
      #expect(try await scene.rows() == [20])
      try await scene.emit(1)
      try await scene.until { $0 == 21 }
      #expect(try await scene.rows() == [21])
    }
    #expect(scene.memory.events.map(\.producerSequence) == Array(1...21))
    #expect(scene.status.proofProblem == nil)
    #expect(scene.gauge("ndx_outbox_proven_sequence") == 21)
    #expect(scene.gauge("ndx_outbox_oldest_unproven_event_age_seconds") == 0)
  }

  @Test mutating func hundredsOfEventsTakeAFewProofs() async throws {
    scene.pace.eventsPerRound = 256
    for _ in 0..<5 {
      try await scene.emit(100)
      try await scene.relay()
      scene.memory.appendAnother()
    }
    try await scene.running { try await scene.until { $0 == 500 } }
    // Two for each part without strangers, and one more where a round ends within it.
    #expect(scene.log.calls <= 2 * (5 + 2))
    #expect(try await scene.rows() == [500])
  }

  @Test func kindsThatTheServiceReadsStay() async throws {
    try await scene.emit(2, kind: "note.kept")
    try await scene.emit(2)
    try await scene.running(keeping: ["note.kept"]) { try await scene.until { $0 == 4 } }
    #expect(try await scene.rows() == [1, 2, 4])
    try await scene.emit(1)
    try await scene.running(keeping: ["note.kept"]) { try await scene.until { $0 == 5 } }
    #expect(try await scene.rows() == [1, 2, 5])
  }

  @Test func whatIsNotProvenCannotBeDeleted() async throws {
    try await scene.emit(3)
    for statement in [
      "DELETE FROM outbox", "DELETE FROM outbox WHERE sequence = 1",
      "DELETE FROM outbox WHERE sequence = 3",
    ] {
      await #expect(throws: DatabaseError.self) { try await scene.execute(statement) }
    }
    try await scene.running { try await scene.until { $0 == 3 } }
    for statement in [
      "DELETE FROM outbox", "UPDATE outbox_proof SET sequence = 2", "DELETE FROM outbox_proof",
    ] {
      await #expect(throws: DatabaseError.self) { try await scene.execute(statement) }
    }
  }

  @Test func anUnreachableLogIsAskedAgainQuietly() async throws {
    scene.log.lie(.silence)
    try await scene.emit(3)
    try await scene.running {
      try await scene.untilRelayed(3)
      #expect(scene.status.proofProblem == nil && !scene.needsAttention)
      scene.log.lie(.truth)
      try await scene.until { $0 == 3 }
    }
  }

  @Test func aDatabaseOfBeforeIsProvenFromTheFirstEventOn() async throws {
    let path = scene.test.directory.file("old.sqlite")
    var database = try TestDatabase.open(path, migrations: TestDatabase.migrations.dropLast())
    try await scene.emit(40, in: database)
    try await scene.relay(database)
    try await scene.emit(5, in: database)
    await database.close()
    database = try TestDatabase.open(path)
    #expect(try await scene.rows(in: database).count == 45)
    try await scene.running(database) { try await scene.until(in: database) { $0 == 45 } }
    #expect(try await scene.rows(in: database) == [45])
    await database.close()
  }

  @Test func eventsAreNumberedAnewAfterTheOnesBeforeHaveLeft() async throws {
    try await scene.emit(5)
    try await scene.running { try await scene.until { $0 == 5 } }
    try await scene.emit(2)
    let moved = try await scene.test.database.write {
      try Outbox.resume(at: 9, service: "test", now: WallClock.system.now(), $0)
    }
    #expect(moved == 2)
    try await scene.running { try await scene.until { $0 == 11 } }
    #expect(scene.memory.events.map(\.producerSequence) == Array(1...5) + [9, 10, 11])
    #expect(try await scene.rows() == [11])
  }
}
