import Foundation
import GRDB
import Model
import TestSupport
import Testing
import TransparencyLog

@testable import ServiceRuntime

/// A producer with its relay and its prover, and a log in memory.
struct ProverScene: Sendable {
  let test: TestDatabase
  let memory = MemoryLog()
  let log: SignedMemoryLog
  let status: OutboxStatus
  let attention: AttentionFile
  var pace = OutboxProver.Pace()

  init() throws {
    test = try TestDatabase()
    log = try SignedMemoryLog(memory)
    attention = AttentionFile(path: test.directory.file("attention"))
    status = OutboxStatus(attention: attention)
    pace.pause = .milliseconds(5)
  }

  var needsAttention: Bool { FileManager.default.fileExists(atPath: attention.path) }

  /// Files of evidence by name.
  var evidence: [String: String] {
    get throws {
      let folder = test.directory.path
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasPrefix("log-evidence-") }
      return try Dictionary(
        uniqueKeysWithValues: names.map {
          ($0, try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8))
        })
    }
  }

  func emit(
    _ count: Int, kind: String = "note.added", in database: ServiceDatabase? = nil
  ) async throws {
    let transactor = Transactor(database: database ?? test.database)
    _ = try await transactor.write(.test()) { transaction in
      for _ in 0..<count { try transaction.emit(AuditEvent(kind: kind, subjects: ["note/1"])) }
    }
  }

  func execute(_ statement: String) async throws {
    try await test.database.write { try $0.execute(sql: statement) }
  }

  /// The numbers of the events in the outbox.
  func rows(in database: ServiceDatabase? = nil) async throws -> [Int64] {
    try await (database ?? test.database).read {
      try Int64.fetchAll($0, sql: "SELECT sequence FROM outbox ORDER BY sequence")
    }
  }

  /// Runs the relay until the log has everything.
  func relay(_ database: ServiceDatabase? = nil) async throws {
    let relay = relay(in: database ?? test.database)
    let running = Task { try await relay.run() }
    try await untilRelayed(in: database)
    running.cancel()
    _ = await running.result
  }

  private func relay(in database: ServiceDatabase) -> OutboxRelay {
    OutboxRelay(database: database, service: "test", status: status, logger: .quiet) {
      [memory] in try memory.append($0)
    }
  }

  /// Runs relay and prover beside a body.
  func running(
    _ database: ServiceDatabase? = nil, key: VerifierKey? = nil, keeping kept: Set<String> = [],
    _ body: () async throws -> Void
  ) async throws {
    let database = database ?? test.database
    let relay = relay(in: database)
    let prover = OutboxProver(
      database: database, log: log.proofs, key: key, keeping: kept, pace: pace, status: status,
      evidence: EvidenceFolder(directory: test.directory.path), logger: .quiet)
    let relaying = Task { try await relay.run() }
    let proving = Task { try await prover.run() }
    try await body()
    proving.cancel()
    _ = await proving.result
    relaying.cancel()
    _ = await relaying.result
  }

  /// Both try again after a pause; nothing else tells when.
  private func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<2_000 where try await !condition() {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await condition())
  }

  /// Waits until events are proven up to a number that satisfies the condition.
  func until(
    in database: ServiceDatabase? = nil, provenUpTo condition: @Sendable (Int64) -> Bool
  ) async throws {
    try await until {
      condition(try await (database ?? test.database).read { try OutboxProof.sequence($0) })
    }
    try await until { self.status.proofProblem == nil }
  }

  func untilRelayed(_ count: Int = 0, in database: ServiceDatabase? = nil) async throws {
    try await until {
      try await (database ?? test.database).read { try Outbox.waitingCount($0) } == 0
        && memory.events.count >= count
    }
  }

  func untilDistrusted() async throws { try await until { status.proofProblem != nil } }

  func gauge(_ name: String) -> Int? {
    status.gauges(at: WallClock.system.now()).first { $0.name == name }?.value
  }
}
