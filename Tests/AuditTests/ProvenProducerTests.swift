import Foundation
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import Synchronization
import TestSupport
import Testing

@testable import AuditAPI
@testable import AuditStore
@testable import ServiceRuntime

/// A producer against the real log: it proves every event, whatever becomes of the log's process.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ProvenProducerTests {
  private static let quiet = Logger(label: "settlement") { _ in SwiftLogNoOpLogHandler() }
  private let folder: TemporaryDirectory
  private let database: ServiceDatabase
  private let status = OutboxStatus()

  init() throws {
    folder = try TemporaryDirectory()
    database = try ServiceDatabase(
      at: folder.file("settlement.sqlite"), service: "settlement",
      migrations: [.idempotency, .outbox, .outboxProof], logger: Self.quiet)
  }

  private func emit(_ count: Int) async throws {
    let transactor = Transactor(database: database)
    for number in 0..<count {
      _ = try await transactor.write(.test()) { transaction in
        try transaction.emit(AuditEvent(kind: "order.placed", subjects: ["order/\(number)"]))
      }
    }
  }

  private func prover(_ log: LogProofs) -> OutboxProver {
    var pace = OutboxProver.Pace()
    pace.pause = .milliseconds(10)
    return OutboxProver(
      database: database, log: log, pace: pace, status: status,
      evidence: EvidenceFolder(directory: folder.path), logger: Self.quiet)
  }

  private func relay(_ send: @escaping OutboxRelay.Send) -> OutboxRelay {
    OutboxRelay(
      database: database, service: "settlement", status: status, logger: Self.quiet, send: send)
  }

  private func running(
    _ services: [@Sendable () async throws -> Void], _ body: () async throws -> Void
  ) async throws {
    let tasks = services.map { service in Task { try await service() } }
    try await body()
    for task in tasks {
      task.cancel()
      _ = await task.result
    }
  }

  /// The services try again after a pause; nothing else tells when.
  private func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<4_000 where try await !condition() {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await condition())
  }

  private func provenUpTo(_ sequence: Int64) async throws -> Bool {
    try await database.read { try OutboxProof.sequence($0) } == sequence
  }

  private func outbox() async throws -> [Int64] {
    try await database.read {
      try Int64.fetchAll($0, sql: "SELECT sequence FROM outbox ORDER BY sequence")
    }
  }

  @Test func everyEventIsProvenThoughTheLogIsKilledAgainAndAgain() async throws {
    let moments = RandomMoments()
    let audit = try await FaultyAudit()
    let current = CurrentLog(try await audit.start())
    let proofs = LogProofs(
      checkpoint: { try await current.log.getCheckpoint($0) },
      consistency: { try await current.log.getConsistencyProof($0) },
      inclusion: { try await current.log.getInclusionProof($0) })
    let (relay, prover) = (relay { try await current.log.appendEntries($0) }, prover(proofs))
    try await running([relay.run, prover.run]) {
      for _ in 0..<3 {
        async let emitted: Void = emit(100)
        // Not a wait for anything: the moment of death is to be another one each time.
        try await Task.sleep(for: moments.next(upTo: .milliseconds(100)))
        try await audit.service.process.kill()
        try await emitted
        current.log = try await audit.start()
      }
      try await until { try await provenUpTo(300) }
    }
    #expect(try await outbox() == [300])
    #expect(status.proofProblem == nil && status.problem == nil)
    let auditor = try audit.service.channel(
      as: try audit.service.authority.caller([.auditor]))
    let entries = try await LogServiceClient(auditor).listEntries(.init(pageSize: 500)).entries
    #expect(entries.map(\.producerSequence) == Array(1...300))
    await auditor.close()
    try await audit.stop()
    await database.close()
  }

  /// The log is put back to a copy that still has all of the producer's events, and goes on from there.
  @Test func aLogRestoredFromAnOldCopyIsFoundOutByItsCheckpoint() async throws {
    let logFolder = try TemporaryDirectory()
    let copy = folder.file("copy")
    let backup = DatabaseBackup(
      of: logFolder.file("audit.sqlite"), service: "audit", migrations: AuditSchema.migrations)
    var log = try await OpenedLog(logFolder)
    try await emit(1)
    try await send(to: log)
    try backup.make(at: copy)
    try await log.append(Events.events(1...5), as: "catalog")
    _ = try await log.checkpoint(covering: 6)
    try await running([prover(proofs(of: log)).run]) {
      try await until { try await provenUpTo(1) }
    }
    await log.close()
    try backup.restore(from: copy, replacing: true)
    log = try await OpenedLog(logFolder)
    try await emit(1)
    try await send(to: log)
    _ = try await log.checkpoint(covering: 2)
    try await running([prover(proofs(of: log)).run]) {
      try await until { status.proofProblem != nil }
      #expect(status.proofProblem == .rollback(from: 6, to: 2))
      // Grown again it is another log.
      try await log.append(Events.events(1...6), as: "catalog")
      try await until { status.proofProblem == .fork(from: 6, to: 8) }
    }
    #expect(try await outbox() == [1, 2])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("log-evidence-rollback-6.txt"))
    #expect(files.contains("log-evidence-fork-6.txt"))
    await log.close()
    await database.close()
  }

  private func send(to log: OpenedLog) async throws {
    let handler = log.handler
    let relay = relay {
      try await handler.appendEntries($0, .test(caller: .service(name: "settlement")))
    }
    try await running([relay.run]) {
      try await until { try await database.read { try Outbox.waitingCount($0) } == 0 }
    }
  }

  private func proofs(of log: OpenedLog) -> LogProofs {
    let handler = log.handler
    return LogProofs(
      checkpoint: { try await handler.getCheckpoint($0, .test()) },
      consistency: { try await handler.getConsistencyProof($0, .test()) },
      inclusion: { try await handler.getInclusionProof($0, .test()) })
  }
}

/// The log as the process that runs now serves it.
private final class CurrentLog: Sendable {
  private let client: Mutex<LogServiceClient>

  init(_ log: LogServiceClient) { client = Mutex(log) }

  var log: LogServiceClient {
    get { client.withLock { $0 } }
    set { client.withLock { $0 = newValue } }
  }
}
