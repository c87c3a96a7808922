import GRDB
import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct OutboxRelayTests {
  private let test: TestDatabase
  private let transactor: Transactor
  private let log = MemoryLog()

  init() throws {
    test = try TestDatabase()
    transactor = Transactor(database: test.database)
  }

  private func emit(_ text: String) async throws -> EventID {
    try await transactor.write(.test()) { transaction in
      try transaction.emit(
        AuditEvent(kind: "note.added", subjects: ["note/\(text)"], payload: ["text": text]))
    }
  }

  private func relayed<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let relay = OutboxRelay(database: test.database, service: "test", logger: .quiet) {
      try log.append($0)
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        try await relay.run()
        return nil
      }
      group.addTask { try await body() }
      defer { group.cancelAll() }
      while let value = try await group.next() { if let value { return value } }
      throw CancellationError()
    }
  }

  /// Returns when every event has its receipt; looks again at every commit.
  private func untilDelivered() async throws {
    let signal = CommitSignal()
    test.database.add(signal)
    for await _ in signal.wakeups {
      if try await test.database.read({ try Outbox.waitingCount($0) }) == 0 { return }
    }
  }

  @Test func eventsReachTheLogInOrderAndKeepTheirReceipts() async throws {
    var ids: [EventID] = []
    for index in 0..<20 { ids.append(try await emit("\(index)")) }
    try await relayed { try await untilDelivered() }
    #expect(log.events.map(\.eventID) == ids)
    #expect(log.events.map(\.producerSequence) == Array(1...20))
    #expect(log.events[3].payload == Array("{\"text\":\"3\"}".utf8))
    #expect(log.events[3].subjects == ["note/3"])
    let receipt = try await test.database.read { [ids] in try Outbox.receipt(of: ids[3], $0) }
    #expect(receipt?.logIndex == 3)
    #expect(receipt?.sequence == 4)
  }

  @Test func commitsWakeTheRelay() async throws {
    try await relayed {
      for index in 0..<5 {
        _ = try await emit("\(index)")
        try await untilDelivered()
      }
    }
    #expect(log.events.count == 5)
  }

  @Test func anUnavailableLogIsTriedAgainUntilItTakesThem() async throws {
    log.fail(times: 3)
    _ = try await emit("late")
    try await relayed { try await untilDelivered() }
    #expect(log.events.map(\.kind) == ["note.added"])
  }

  @Test func anEventWithoutReceiptIsSentAgain() async throws {
    // The log took it, but the answer was lost with the process.
    let id = try await emit("twice")
    log.loseNextAnswer()
    try await relayed { try await untilDelivered() }
    #expect(log.events.map(\.eventID) == [id])
    #expect(log.calls == 2)
  }

  @Test func whatIsLeftIsSentOnShutdown() async throws {
    let relay = OutboxRelay(database: test.database, service: "test", logger: .quiet) {
      try log.append($0)
    }
    _ = try await emit("last")
    let group = ServiceGroup(services: [relay], logger: .quiet)
    async let running: Void = group.run()
    await group.triggerGracefulShutdown()
    try await running
    #expect(log.events.count == 1)
  }
}
