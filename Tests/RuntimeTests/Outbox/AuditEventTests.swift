import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct AuditEventTests {
  @Test(arguments: [
    AuditEvent(kind: "Order placed", subjects: []), AuditEvent(kind: "_order", subjects: []),
    AuditEvent(kind: "order.placed", subjects: [""]),
    AuditEvent(kind: "order.placed", subjects: ["order/\n"]),
    AuditEvent(kind: "order.placed", subjects: [String(repeating: "x", count: 129)]),
    AuditEvent(kind: "order.placed", subjects: Array(repeating: "order/1", count: 33)),
    AuditEvent(kind: String(repeating: "x", count: 65), subjects: []),
    AuditEvent(kind: "x", subjects: [], payload: ["a": String(repeating: "x", count: 32_768)]),
  ])
  func whatTheLogWouldRefuseIsNotWritten(event: AuditEvent) async throws {
    let test = try TestDatabase()
    let transactor = Transactor(database: test.database)
    await #expect(throws: (any Error).self) {
      try await transactor.write(.test()) { _ = try $0.emit(event) }
    }
    #expect(try await test.database.read { try Outbox.waitingCount($0) } == 0)
  }

  @Test func theLargestEventIsTaken() async throws {
    let test = try TestDatabase()
    let event = AuditEvent(
      kind: "order.state_2-x".replacing("-", with: "."),
      subjects: Array(repeating: String(repeating: "ề", count: 128), count: 32),
      payload: ["a": String(repeating: "x", count: 32_760)])
    try await Transactor(database: test.database).write(.test()) { _ = try $0.emit(event) }
    #expect(try await test.database.read { try Outbox.waitingCount($0) } == 1)
  }
}
