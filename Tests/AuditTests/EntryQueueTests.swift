import AuditDomain
import AuditStore
import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@testable import AuditAPI

/// Requests that share a commit.
@Suite(.timeLimit(.minutes(1))) struct EntryQueueTests {
  private typealias Answer = Result<[Int64], any Error>
  private static let subject = "participant/erased-at-once"

  /// Makes the requests wait together, in order, for one commit; what each gave.
  private func together(
    _ requests: [@Sendable () async throws -> [Int64]], on log: OpenedLog
  ) async throws -> [Answer] {
    let gate = TestSupport.Gate()
    return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
      group.addTask {
        try await log.database.write { _ in gate.pass() }
        return (-1, .success([]))
      }
      await gate.untilReached()
      for (place, request) in requests.enumerated() {
        group.addTask {
          do {
            return (place, .success(try await request()))
          } catch {
            return (place, .failure(error))
          }
        }
        while log.database.queuedWrites <= place { await Task.yield() }
      }
      gate.open()
      var answers = [Answer](repeating: .success([]), count: requests.count)
      for try await (place, answer) in group where place >= 0 { answers[place] = answer }
      return answers
    }
  }

  private func appending(
    _ events: [AuditV1.Event], as producer: String, to log: OpenedLog
  ) -> @Sendable () async throws -> [Int64] {
    { try await log.append(events, as: producer).map(\.index) }
  }

  private func erasing(_ log: OpenedLog) -> @Sendable () async throws -> [Int64] {
    let officer = CallContext.test(
      LogServiceMethods.eraseSubject,
      caller: .participant(
        ParticipantCaller(
          participantID: ParticipantID(high: 7, low: 7), systemID: SystemID(high: 8, low: 8),
          roles: [.securityOfficer], environment: .live,
          certificateFingerprint: Digest.sha256(of: [UInt8](arrayLiteral: 1)))))
    let request = AuditV1.EraseSubjectRequest(
      requestID: RequestID(high: 1, low: 1), subject: Self.subject, ground: "decision 19")
    return {
      let erasure = try await log.handler.eraseSubject(request, officer).erasure
      return [erasure.index, erasure.erasedEntries]
    }
  }

  @Test func eachIsTakenOrRefusedAsIfItWereAlone() async throws {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    let first = (1...3).map { Events.event($0, subjects: [Self.subject]) }
    let altered = Events.event(4, id: first[0].eventID)
    let second = Events.events(1...2)
    let answers = try await together(
      [
        appending(first, as: "catalog", to: log),
        appending([Events.event(1), Events.event(3)], as: "settlement", to: log),
        appending(second, as: "settlement", to: log),
        appending(first, as: "catalog", to: log),
        appending([Events.event(4), altered], as: "catalog", to: log),
        appending([Events.event(2)], as: "identity", to: log),
        appending([Events.event(4)], as: "catalog", to: log),
        erasing(log),
        appending([Events.event(5, subjects: [Self.subject])], as: "catalog", to: log),
        appending(second + [Events.event(3)], as: "settlement", to: log),
      ], on: log)
    #expect(
      answers.map { try? $0.get() } == [
        [0, 1, 2], nil, [3, 4], [0, 1, 2], nil, nil, [5], [6, 3], [7], [3, 4, 8],
      ])
    #expect(throws: AuditError.eventConflict(first[0].eventID)) { try answers[4].get() }
    try await log.append([Events.event(6)], as: "catalog")
    try await log.append([Events.event(1)], as: "identity")
    var faults: [AuditV1.LogFault] = []
    try await log.handler.inspect { faults += $0.response(in: .en).faults }
    #expect(faults == [])
    await log.close()
    let again = try await OpenedLog(directory)
    #expect(try await again.append(second, as: "settlement").map(\.index) == [3, 4])
    await again.close()
  }
}
