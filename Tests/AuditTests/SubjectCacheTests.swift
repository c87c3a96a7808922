import AuditDomain
import Crypto
import Foundation
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@testable import AuditAPI
@testable import AuditStore

/// What the log remembers of the subjects that events name.
@Suite(.timeLimit(.minutes(1))) struct SubjectCacheTests {
  private static let subject = "participant/remembered"

  private func key(_ log: OpenedLog) async throws -> Data? {
    try await log.database.read {
      try Data.fetchOne(
        $0, sql: "SELECT key FROM subject WHERE name = ?", arguments: [Self.subject])
    }
  }

  private func faults(_ log: OpenedLog) async throws -> [AuditV1.LogFault] {
    var faults: [AuditV1.LogFault] = []
    try await log.handler.inspect { faults += $0.response(in: .en).faults }
    return faults
  }

  @Test func aSubjectThatCameWithARefusedRequestIsForgotten() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...3))
    let refused = [Events.event(4, subjects: [Self.subject]), Events.event(6)]
    await #expect(throws: AuditError.self) { try await log.append(refused) }
    #expect(try await key(log) == nil)
    try await log.append([Events.event(4, subjects: [Self.subject])])
    #expect(try await key(log) != nil)
    #expect(try await faults(log) == [])
    await log.close()
  }

  @Test func whatIsSaidOfAnErasedSubjectLaterIsSealedWithAnotherKey() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append([Events.event(1, subjects: [Self.subject])])
    let before = try await key(log)
    let officer = CallContext.test(
      LogServiceMethods.eraseSubject,
      caller: .participant(
        ParticipantCaller(
          participantID: ParticipantID(high: 7, low: 7), systemID: SystemID(high: 8, low: 8),
          roles: [.securityOfficer], environment: .live,
          certificateFingerprint: Digest.sha256(of: [UInt8](arrayLiteral: 1)))))
    _ = try await log.handler.eraseSubject(
      AuditV1.EraseSubjectRequest(
        requestID: RequestID(high: 1, low: 1), subject: Self.subject, ground: "decision 18"),
      officer)
    #expect(try await key(log) == nil)
    try await log.append([Events.event(2, subjects: [Self.subject])])
    let after = try await key(log)
    #expect(before != nil && after != nil && before != after)
    #expect(try await faults(log) == [])
    await log.close()
  }

  @Test func noMoreSubjectsAreRememberedThanThereIsRoomFor() {
    let cache = SubjectCache(capacity: 8)
    for number in 1...100 {
      cache.keep(StoredSubject(id: Int64(number), key: nil), as: "order/\(number)")
      #expect(cache.find("order/\(number)")?.id == Int64(number))
      _ = cache.find("order/1")
    }
    #expect((1...100).count { cache.find("order/\($0)") != nil } <= 8)
    #expect(cache.find("order/1")?.id == 1)
    cache.requestRolledBack()
    #expect(cache.find("order/1") == nil)
  }
}
