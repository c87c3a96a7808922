import GRDB
import Model
import RPC
import ServiceRuntime
import TestSupport
import Testing

@Suite struct TransactorTests {
  private let test: TestDatabase
  private let transactor: Transactor
  private let time = ManualTime()

  init() throws {
    test = try TestDatabase()
    transactor = Transactor(database: test.database, clock: time.clock)
  }

  private func request(
    _ id: RequestID, name: String = "crm"
  ) -> IdentityV1.CreateEnrolmentTokenRequest {
    IdentityV1.CreateEnrolmentTokenRequest(
      requestID: id, participantID: ParticipantID(high: 1, low: 2), systemName: name)
  }

  private var newID: RequestID { RequestID.make(at: time.now) }

  /// Adds a note named after the system, and answers with it.
  private func mutate(
    _ request: IdentityV1.CreateEnrolmentTokenRequest, _ context: CallContext = .test(),
    refusing refusal: (any DomainError)? = nil
  ) async throws -> IdentityV1.CreateEnrolmentTokenResponse {
    try await transactor.mutate(request, context) { transaction in
      transaction.concerns("note/\(request.systemName)")
      try transaction.db.execute(
        sql: "INSERT INTO note (text) VALUES (?)", arguments: [request.systemName])
      try transaction.emit(AuditEvent(kind: "note.added", subjects: ["note/\(request.systemName)"]))
      if let refusal { throw refusal }
      return IdentityV1.CreateEnrolmentTokenResponse(token: request.systemName)
    }
  }

  /// The outbox as "sequence kind outcome actor subjects payload".
  private func events() async throws -> [String] {
    try await test.database.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT sequence || ' ' || kind || ' ' || outcome || ' ' || actor || ' ' || subjects || ' ' || payload FROM outbox
          ORDER BY sequence
          """)
    }
  }

  @Test func theSameRequestGetsTheFirstAnswer() async throws {
    let request = request(newID)
    let first = try await mutate(request)
    let again = try await mutate(request)
    #expect(!first.replayed)
    #expect(again.replayed)
    #expect(again.token == first.token)
    #expect(try await test.notes == ["crm"])
    #expect(try await events().count == 1)
  }

  @Test func anotherRequestUnderTheSameIDIsRefused() async throws {
    let id = newID
    _ = try await mutate(request(id))
    let error = await #expect(throws: RuntimeError.self) {
      try await mutate(request(id, name: "erp"))
    }
    #expect(error == .requestIDReused)
    #expect(error?.status == .alreadyExists)
    #expect(try await test.notes == ["crm"])
  }

  @Test func callersAndMethodsDoNotShareRequestIDs() async throws {
    let id = newID
    _ = try await mutate(request(id))
    let other = try await mutate(request(id, name: "erp"), .test(caller: .service(name: "other")))
    #expect(!other.replayed)
    let method = MethodDescriptor(service: "ndx.test.v1.TestService", name: "Other", kind: .unary)
    #expect(try await !mutate(request(id, name: "hr"), .test(method)).replayed)
  }

  @Test func aHundredConcurrentRetriesHappenOnce() async throws {
    let request = request(newID)
    let answers = try await withThrowingTaskGroup(
      of: IdentityV1.CreateEnrolmentTokenResponse.self
    ) { group in
      for _ in 0..<100 { group.addTask { try await mutate(request) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.filter { !$0.replayed }.count == 1)
    #expect(Set(answers.map(\.token)) == ["crm"])
    #expect(try await test.notes == ["crm"])
    #expect(test.database.statistics.commits < 100)
  }

  @Test func aRefusalIsKeptAndGivenAgainWordForWord() async throws {
    let request = request(newID)
    let first = await #expect(throws: TestRefusal.self) {
      try await mutate(request, refusing: TestRefusal.wrongState)
    }
    // The second time the rule would accept; the decision stands.
    let again = await #expect(throws: RPCStatus.self) { try await mutate(request) }
    #expect(again == first.map { RPCStatus($0, language: .en) })
    let vietnamese = await #expect(throws: RPCStatus.self) {
      try await mutate(request, .test(language: .vi))
    }
    #expect(vietnamese == RPCStatus(TestRefusal.wrongState, language: .vi))
  }

  @Test func aRefusalUndoesTheBodyAndIsAudited() async throws {
    await #expect(throws: TestRefusal.self) {
      try await mutate(request(newID), refusing: TestRefusal.wrongState)
    }
    #expect(try await test.notes.isEmpty)
    #expect(
      try await events() == [
        #"1 test.do_something refused service/test ["note/crm"] "#
          + #"{"domain":"ndx.test","reason":"WRONG_STATE"}"#
      ])
  }

  @Test(arguments: [
    InvalidArgument(field: "x", rule: "y", text: Text(vi: "z", en: "z")) as any DomainError,
    RuntimeError.notStored, TestRefusal.notNow,
  ])
  func whatWasNotDecidedLeavesNoTrace(error: any DomainError) async throws {
    let request = request(newID)
    await #expect(throws: (any Error).self) { try await mutate(request, refusing: error) }
    #expect(try await events().isEmpty)
    #expect(try await !mutate(request).replayed)
    #expect(try await test.notes == ["crm"])
  }

  @Test func anUnexpectedErrorLeavesNoTrace() async throws {
    try await test.add("crm")
    let request = request(newID)
    await #expect(throws: DatabaseError.self) { try await mutate(request) }
    #expect(try await events().isEmpty)
    try await test.database.write { try $0.execute(sql: "DELETE FROM note") }
    #expect(try await !mutate(request).replayed)
  }

  @Test func aRetryCanBeRecognisedBeforeTheTransaction() async throws {
    let request = request(newID)
    let none: IdentityV1.CreateEnrolmentTokenResponse? = try await transactor.replay(
      of: request, .test())
    #expect(none == nil)
    _ = try await mutate(request)
    let found: IdentityV1.CreateEnrolmentTokenResponse? = try await transactor.replay(
      of: request, .test())
    #expect(found?.replayed == true)
    await #expect(throws: RuntimeError.self) {
      let _: IdentityV1.CreateEnrolmentTokenResponse? = try await transactor.replay(
        of: self.request(request.requestID, name: "other"), .test())
    }
  }

  @Test func sequencesHaveNoGapAcrossRefusalsAndFailures() async throws {
    for index in 0..<30 {
      let refusal: (any DomainError)? =
        switch index % 3 {
        case 1: TestRefusal.wrongState
        case 2: TestRefusal.notNow
        default: nil
        }
      _ = try? await mutate(request(newID, name: "n\(index)"), refusing: refusal)
    }
    let sequences = try await test.database.read {
      try Int.fetchAll($0, sql: "SELECT sequence FROM outbox ORDER BY sequence")
    }
    #expect(sequences == Array(1...20))
  }

  @Test func oldOutcomesAreForgotten() async throws {
    let old = request(newID)
    _ = try await mutate(old)
    time.advance(seconds: Idempotency.lifetimeSeconds + 1)
    _ = try await mutate(request(newID, name: "erp"))
    let ids = try await test.database.read {
      try RequestID.fetchAll($0, sql: "SELECT request_id FROM idempotency")
    }
    #expect(ids.count == 1)
    #expect(!ids.contains(old.requestID))
  }
}

enum TestRefusal: DomainError {
  case wrongState
  case notNow

  static var domain: String { "ndx.test" }
  var status: StatusCode { self == .wrongState ? .failedPrecondition : .deadlineExceeded }
  var reason: String { self == .wrongState ? "WRONG_STATE" : "NOT_NOW" }
  var text: Text { Text(vi: "Trạng thái \"không\" cho phép.", en: "The state does not allow it.") }
  var metadata: [String: String] { ["state": "OPEN"] }
  var violations: [FieldViolation] {
    [FieldViolation(field: "note.state", rule: "state", text: Text(vi: "sai", en: "wrong"))]
  }
}
