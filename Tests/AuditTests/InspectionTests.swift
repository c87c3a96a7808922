import AuditDomain
import AuditStore
import GRDB
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// What VerifyLog sees of a log that was altered behind its back.
@Suite(.timeLimit(.minutes(2))) struct InspectionTests {
  private static let size = 300

  /// A closed log of two producers with several checkpoints, open for altering.
  private func filledLog() async throws -> (TemporaryDirectory, DatabaseQueue, VerifierKey) {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    let key = log.handler.verifierKey
    for start in stride(from: Int64(1), to: 201, by: 50) {
      try await log.append(Events.events(start...(start + 49)))
      _ = try await log.checkpoint(covering: Int(start) + 49)
    }
    try await log.append(
      (1...100).map { Events.event($0, actor: "participant/\($0)", subjects: ["product/\($0)"]) },
      as: "catalog")
    _ = try await log.checkpoint(covering: Self.size)
    await log.close()
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: directory.file("audit.sqlite"), configuration: configuration)
    try await queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
    }
    return (directory, queue, key)
  }

  private static func inspect(_ db: Database, _ key: VerifierKey) throws -> [LogFault] {
    var inspection = LogInspection(key: key)
    var faults: [LogFault] = []
    for _ in 0..<10 where !inspection.isFinished { faults += try inspection.step(db) }
    #expect(inspection.isFinished)
    return faults
  }

  @Test func aSoundLogHasNoFaults() async throws {
    let (_, queue, key) = try await filledLog()
    let faults = try await queue.read { try Self.inspect($0, key) + FileInspection($0).faults() }
    #expect(faults == [])
  }

  @Test func aGapInAProducersSequenceIsNamed() async throws {
    let (_, queue, key) = try await filledLog()
    try await queue.writeWithoutTransaction { db in
      try db.inSavepoint {
        try db.execute(sql: "UPDATE producer_seq SET next = 999 WHERE producer = 'catalog'")
        let faults = try Self.inspect(db, key)
        #expect(faults.map(\.key) == ["catalog"])
        return .rollback
      }
    }
  }

  @Test func anotherKeysCheckpointsAreNamed() async throws {
    let (_, queue, _) = try await filledLog()
    let other = try await OpenedLog(TemporaryDirectory())
    let key = other.handler.verifierKey
    await other.close()
    let faults = try await queue.read { try Self.inspect($0, key) }
    #expect(faults.map(\.part).allSatisfy { $0 == .checkpoint })
    #expect(faults.map(\.key).contains("300"))
  }

  @Test func aRunningLogIsInspectedWhileItGrows() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...500))
    let appending = Task {
      for number in Int64(501)...520 { try await log.append([Events.event(number)]) }
    }
    var last: AuditV1.VerifyLogResponse?
    try await log.handler.inspect { last = $0.response(in: .en) }
    try await appending.value
    #expect(last?.isFinished == true)
    #expect(last?.faults == [])
    #expect((last?.checkedEntries ?? 0) >= 500)
    await log.close()
  }
}
