import Foundation
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@testable import AuditAPI
@testable import ServiceRuntime

/// A producer whose database was restored from an older copy, or altered, against the real log: nothing is lost or
/// skipped in silence.
@Suite(.timeLimit(.minutes(2))) struct ProducerGapTests {
  private static let migrations: [Migration] = [.idempotency, .outbox]
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private var path: String { folder.file("catalog.sqlite") }

  private func open() throws -> ServiceDatabase {
    try ServiceDatabase(
      at: path, service: "catalog", migrations: Self.migrations, logger: Self.quiet)
  }

  private static let quiet = Logger(label: "catalog") { _ in SwiftLogNoOpLogHandler() }

  private func emit(_ count: Int, _ database: ServiceDatabase) async throws {
    let transactor = Transactor(database: database)
    for number in 0..<count {
      _ = try await transactor.write(.test()) { transaction in
        try transaction.emit(AuditEvent(kind: "offer.listed", subjects: ["offer/\(number)"]))
      }
    }
  }

  /// Runs the relay of a producer until nothing waits, or until somebody must act.
  private func relay(
    _ database: ServiceDatabase, to log: LogServiceClient
  ) async throws -> OutboxProblem? {
    let status = OutboxStatus()
    let relay = OutboxRelay(
      database: database, service: "catalog", status: status, logger: Self.quiet
    ) { try await log.appendEntries($0) }
    let running = Task { try await relay.run() }
    for _ in 0..<2_000 {
      if status.problem != nil { break }
      if try await database.read({ try Outbox.waitingCount($0) }) == 0 { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    running.cancel()
    _ = await running.result
    return status.problem
  }

  private func withLog(
    _ body: (TestService<AuditService>, LogServiceClient) async throws -> Void
  ) async throws {
    let service = try await TestService(AuditService.self)
    let channel = try service.channel(asService: "catalog")
    try await body(service, LogServiceClient(channel))
    await channel.close()
    await service.shutdown()
  }

  private func entries(_ log: LogServiceClient, of producer: String) async throws
    -> [AuditV1.Entry]
  {
    try await log.listEntries(.init(pageSize: 500)).entries.filter { $0.producer == producer }
  }

  @Test func aProducerRestoredFromAnOldCopyIsReportedAndGoesOnWhenTold() async throws {
    try await withLog { _, log in
      let copy = folder.file("copy")
      let backup = DatabaseBackup(of: path, service: "catalog", migrations: Self.migrations)
      var database = try open()
      try await emit(2, database)
      #expect(try await relay(database, to: log) == nil)
      try backup.make(at: copy)
      try await emit(3, database)
      #expect(try await relay(database, to: log) == nil)
      await database.close()
      try backup.restore(from: copy, replacing: true)
      database = try open()
      try await emit(1, database)
      let problem = try await relay(database, to: log)
      #expect(problem == .sequenceReused(expected: 6, received: 3))
      // However often it tries, the log tells of it once; the event stays.
      #expect(try await relay(database, to: log) == problem)
      let notes = try await log.listEntries(.init(kind: AuditHandler.gapKind)).entries
      #expect(notes.count == 1)
      let note = try #require(notes.first)
      #expect(note.producer == "audit" && note.outcome == .refused)
      #expect(note.actor == "service/catalog" && note.subjects.first == "producer/catalog")
      #expect(String(decoding: note.payload, as: UTF8.self).contains("SEQUENCE_REUSED"))
      #expect(try await database.read { try Outbox.waitingCount($0) } == 1)
      _ = try await database.write {
        try Outbox.resume(at: 6, service: "catalog", now: WallClock.system.now(), $0)
      }
      try await emit(1, database)
      #expect(try await relay(database, to: log) == nil)
      let sent = try await entries(log, of: "catalog")
      #expect(sent.map(\.producerSequence) == Array(1...8))
      #expect(sent[5].kind == "producer.resumed")
      await database.close()
    }
  }

  @Test func aCopyMadeWhileEventsWereOnTheirWayTakesTheirReceiptsFirst() async throws {
    try await withLog { _, log in
      let copy = folder.file("copy")
      let backup = DatabaseBackup(of: path, service: "catalog", migrations: Self.migrations)
      var database = try open()
      try await emit(2, database)
      #expect(try await relay(database, to: log) == nil)
      try await emit(3, database)
      try backup.make(at: copy)
      #expect(try await relay(database, to: log) == nil)
      try await emit(2, database)
      #expect(try await relay(database, to: log) == nil)
      await database.close()
      try backup.restore(from: copy, replacing: true)
      database = try open()
      try await emit(2, database)
      #expect(
        try await relay(database, to: log) == .sequenceReused(expected: 8, received: 6))
      #expect(try await database.read { try Outbox.waitingCount($0) } == 2)
      _ = try await database.write {
        try Outbox.resume(at: 8, service: "catalog", now: WallClock.system.now(), $0)
      }
      #expect(try await relay(database, to: log) == nil)
      #expect(try await entries(log, of: "catalog").map(\.producerSequence) == Array(1...10))
      await database.close()
    }
  }

  @Test func aMissingEventIsReportedAndThoseAfterItStay() async throws {
    try await withLog { _, log in
      let database = try open()
      try await emit(4, database)
      try await database.write { try $0.execute(sql: "DELETE FROM outbox WHERE sequence = 1") }
      #expect(try await relay(database, to: log) == .sequenceGap(expected: 1, received: 2))
      #expect(try await relay(database, to: log) == .sequenceGap(expected: 1, received: 2))
      #expect(try await database.read { try Outbox.waitingCount($0) } == 3)
      #expect(try await entries(log, of: "catalog").isEmpty)
      let notes = try await log.listEntries(.init(kind: AuditHandler.gapKind)).entries
      #expect(notes.count == 1)
      await database.close()
    }
  }

  @Test func aProducerThatStumblesForEverDoesNotGrowTheLog() async throws {
    try await withLog { service, log in
      for number in Int64(2)...40 {
        await #expect(throws: RPCStatus.self) {
          try await log.appendEntries(.init(events: [Events.event(number)]))
        }
      }
      let size = try await service.database.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM entry")
      }
      #expect(size == 1)
    }
  }

  @Test func theReceiptOfARetryVerifiesToo() async throws {
    try await withLog { _, log in
      let events = Events.events(1...3)
      for _ in 0..<2 {
        let receipts = try await log.appendEntries(.init(events: events)).receipts
        try ReceiptCheck.verify(receipts, of: events, by: "catalog")
      }
      var other = events
      other[1].payload = Array("{\"a\":1}".utf8)
      let receipts = try await log.appendEntries(.init(events: events)).receipts
      #expect(throws: OutboxProblem.self) {
        try ReceiptCheck.verify(receipts, of: other, by: "catalog")
      }
      #expect(throws: OutboxProblem.self) {
        try ReceiptCheck.verify(receipts, of: events, by: "settlement")
      }
    }
  }
}
