import Foundation
import Logging
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing

@testable import ServiceRuntime

/// Events that the log does not take, or whose receipts do not verify: they stay, and somebody is told.
@Suite(.timeLimit(.minutes(1))) struct HeldEventsTests {
  private let test: TestDatabase
  private let transactor: Transactor
  private let log = MemoryLog()
  private let status: OutboxStatus
  private let attention: AttentionFile

  init() async throws {
    test = try TestDatabase()
    transactor = Transactor(database: test.database)
    attention = AttentionFile(path: test.directory.file("attention"))
    status = OutboxStatus(attention: attention)
  }

  private func emit(_ text: String) async throws {
    _ = try await transactor.write(.test()) { transaction in
      try transaction.emit(
        AuditEvent(kind: "note.added", subjects: ["note/\(text)"], payload: ["text": text]))
    }
  }

  private func relaying(_ body: () async throws -> Void) async throws {
    let relay = OutboxRelay(
      database: test.database, service: "test", status: status, logger: .quiet
    ) { [log] in try log.append($0) }
    let running = Task { try await relay.run() }
    try await body()
    running.cancel()
    _ = await running.result
  }

  private func waiting() async throws -> Int {
    try await test.database.read { try Outbox.waitingCount($0) }
  }

  /// The relay tries again after a pause; nothing else tells when.
  private func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<2_000 where try await !condition() {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(try await condition())
  }

  static let lies: [@Sendable (inout MemoryLog.Receipts) -> Void] = [
    { $0[1].leafHash = $0[0].leafHash },
    { $0[1].salt[0] ^= 1 },
    { $0[1].salt = [] },
    { $0[1].salt = [1, 2, 3] },
    { $0[1].eventID = EventID(high: 1, low: 1) },
    { $0[1].index = $0[0].index },
    { $0.removeLast() },
    { $0.append($0[0]) },
    { $0.swapAt(0, 1) },
    { $0 = [] },
  ]

  @Test(arguments: lies.indices)
  func eventsWhoseReceiptsDoNotVerifyStayAndAreReported(_ lie: Int) async throws {
    log.lie(Self.lies[lie])
    for number in 0..<3 { try await emit("\(number)") }
    try await relaying {
      try await until { status.problem != nil }
      guard case .badReceipt = status.problem else {
        Issue.record("\(String(describing: status.problem))")
        return
      }
      #expect(try await waiting() == 3)
      #expect(try String(contentsOfFile: attention.path, encoding: .utf8).contains("VerifyLog"))
      log.lie(nil)
      try await until { try await waiting() == 0 }
      try await until { status.problem == nil }
      #expect(!FileManager.default.fileExists(atPath: attention.path))
    }
  }

  @Test func aProducerThatIsAnOldCopyIsToldWhatToDo() async throws {
    let refusal = RPCStatus(
      refusal: "SEQUENCE_REUSED", expected: 18, received: 15)
    log.refuse(refusal)
    try await emit("held")
    try await relaying {
      try await until { status.problem != nil }
      #expect(status.problem == .sequenceReused(expected: 18, received: 15))
      let text = try String(contentsOfFile: attention.path, encoding: .utf8)
      #expect(text.contains("resume-events") && text.contains("--next 18"))
      let gauges = Dictionary(
        uniqueKeysWithValues: status.gauges(at: WallClock.system.now().adding(seconds: 60)))
      #expect(gauges["ndx_outbox_held_events"] == 1)
      #expect(gauges["ndx_outbox_blocked"] == 1)
      #expect((gauges["ndx_outbox_oldest_held_event_age_seconds"] ?? 0) >= 59)
      #expect(try await waiting() == 1)
    }
    #expect(!FileManager.default.fileExists(atPath: attention.path))
  }

  @Test func aSilentLogIsSeenInTheMetricsAlone() async throws {
    log.refuse(RPCStatus(code: .unavailable, message: "not now"))
    try await emit("held")
    try await relaying {
      try await until {
        status.gauges(at: WallClock.system.now()).first { $0.name == "ndx_outbox_held_events" }?
          .value == 1
      }
      #expect(status.problem == nil)
      #expect(!FileManager.default.fileExists(atPath: attention.path))
      log.refuse(nil)
      try await until { try await waiting() == 0 }
    }
  }

  @Test func eventsThatWaitAreNumberedAnew() async throws {
    for number in 0..<3 { try await emit("\(number)") }
    let moved = try await test.database.write {
      try Outbox.resume(at: 18, service: "test", now: WallClock.system.now(), $0)
    }
    #expect(moved == 3)
    try await emit("later")
    try await relaying { try await until { try await waiting() == 0 } }
    #expect(log.events.map(\.producerSequence) == Array(18...22))
    #expect(
      log.events.map(\.kind) == ["producer.resumed"] + Array(repeating: "note.added", count: 4))
    #expect(log.events[1].payload == Array("{\"text\":\"0\"}".utf8))
    await #expect(throws: StartupError.self) {
      try await test.database.write {
        try Outbox.resume(at: 30, service: "test", now: WallClock.system.now(), $0)
      }
    }
  }
}

extension RPCStatus {
  /// A refusal as audit gives it.
  fileprivate init(refusal reason: String, expected: Int64, received: Int64) {
    let details = ErrorDetails(
      reason: reason, domain: "ndx.audit",
      metadata: ["expected_sequence": "\(expected)", "received_sequence": "\(received)"])
    self.init(code: .failedPrecondition, message: reason, details: details)
  }
}
