import AuditDomain
import AuditStore
import Crypto
import Foundation
import GRDB
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// What is left of a subject that was erased, and who reads what.
@Suite(.timeLimit(.minutes(2))) struct ErasureTests {
  private static let subject = "participant/0190f000-0000-7000-8000-00000000dead"

  private func context(_ roles: Set<TypeV1.Role>) -> CallContext {
    .test(
      LogServiceMethods.eraseSubject,
      caller: .participant(
        ParticipantCaller(
          participantID: ParticipantID(high: 7, low: 7), systemID: SystemID(high: 8, low: 8),
          roles: roles, environment: .live,
          certificateFingerprint: Digest.sha256(of: [UInt8](arrayLiteral: 1)))))
  }

  /// 300 entries, every third about the subject: alone, beside another, or as its doing.
  private func fill(_ log: OpenedLog) async throws {
    let events = (1...300).map { number -> AuditV1.Event in
      switch number % 9 {
      case 0: Events.event(Int64(number), actor: "participant/a", subjects: [Self.subject])
      case 3:
        Events.event(
          Int64(number), actor: "participant/a", subjects: ["participant/b", Self.subject])
      case 6: Events.event(Int64(number), actor: Self.subject, subjects: ["order/6"])
      default: Events.event(Int64(number))
      }
    }
    try await log.append(events)
    _ = try await log.checkpoint(covering: 300)
  }

  /// Whatever must not be found any more: the name, and salts, sealed details and key.
  private func secrets(_ log: OpenedLog) async throws -> [Data] {
    try await log.database.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT salt, ciphertext FROM details WHERE idx IN
          (SELECT idx FROM posting JOIN subject USING (subject_id) WHERE name = ?)
          """, arguments: [Self.subject])
      let key = try Data.fetchAll(
        db, sql: "SELECT key FROM subject WHERE name = ? AND key IS NOT NULL",
        arguments: [Self.subject])
      let sealed = rows.flatMap { [$0["salt"] as Data, $0["ciphertext"] as Data] }
      return key + sealed + [Data(Self.subject.utf8)]
    }
  }

  /// How many of the secrets are in the bytes of a file; none when there is no file.
  private func found(_ secrets: [Data], in path: String) -> Int {
    guard let bytes = FileManager.default.contents(atPath: path) else { return 0 }
    return secrets.count { bytes.range(of: $0) != nil }
  }

  @Test func nothingOfAnErasedSubjectIsLeftAndTheLogStaysAsItWas() async throws {
    let directory = try TemporaryDirectory()
    let log = try await OpenedLog(directory)
    try await fill(log)
    let path = directory.file("audit.sqlite")
    let secrets = try await secrets(log)
    #expect(secrets.count == 202)
    let known = found(secrets, in: path) + found(secrets, in: path + "-wal")
    #expect(known >= secrets.count)
    let before = try await log.checkpoint()
    let tiles = try await tiles(log)
    let request = AuditV1.EraseSubjectRequest(
      requestID: RequestID(high: 1, low: 1), subject: Self.subject, ground: "decision 17")
    let officer = context([.securityOfficer])
    let answer = try await log.handler.eraseSubject(request, officer)
    #expect(answer.erasure.erasedEntries == 100)
    #expect(answer.erasure.index == 300)
    let backup = directory.file("backup.sqlite")
    try DatabaseBackup(of: path, service: "audit", migrations: AuditSchema.migrations)
      .make(at: backup)
    for file in [path, path + "-wal", backup] { #expect(found(secrets, in: file) == 0) }

    let after = try await log.checkpoint(covering: 301)
    let proof = try await log.handler.getConsistencyProof(.init(firstSize: 300), officer)
    #expect(
      ProofVerification.consistency(
        from: 300, firstRoot: before.root, to: after.size, secondRoot: after.root,
        proof: proof.hashes))
    let tilesAfter = try await self.tiles(log)
    #expect(tilesAfter.starts(with: tiles))
    #expect(try await log.receipt(.index(2)).index == 2)
    var last: AuditV1.VerifyLogResponse?
    try await log.handler.inspect { last = $0.response(in: .en) }
    #expect(last?.isFinished == true)
    #expect(last?.faults == [])

    let again = try await log.handler.eraseSubject(request, officer)
    #expect(again.replayed)
    #expect(again.erasure == answer.erasure)
    let listed = try await log.handler.listErasures(.init(subject: Self.subject), officer)
    #expect(listed.erasures == [answer.erasure])
    #expect(try await log.handler.listErasures(.init(subject: "order/1"), officer).erasures == [])
    let reader = context([.auditor])
    let entry = try await log.handler.getEntry(.init(index: 2), reader).entry
    #expect(entry.kind == "order.placed")
    #expect(entry.actor.isEmpty)
    #expect(entry.payload.isEmpty)
    let kept = try await log.handler.getEntry(.init(index: 0), reader).entry
    #expect(kept.actor == "participant/buyer")
    let traced = try await log.handler.traceSubject(.init(subject: Self.subject), reader)
    #expect(traced.steps.isEmpty)
    await log.close()
    _ = try await OpenedLog(directory).close()
  }

  private func tiles(_ log: OpenedLog) async throws -> [Digest] {
    try await log.database.read { db in
      try TileTable(db).hashes(TileCoordinate(level: 0, index: 0)) ?? []
        + (TileTable(db).hashes(TileCoordinate(level: 0, index: 1)) ?? [])
    }
  }

  @Test func detailsThatAreGoneWithoutAnErasureAreNamed() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await fill(log)
    try await log.database.write { db in
      try db.execute(sql: "DELETE FROM details WHERE idx = 5")
    }
    var faults: [AuditV1.LogFault] = []
    try await log.handler.inspect { faults += $0.response(in: .en).faults }
    #expect(faults.map(\.part) == [.details])
    #expect(faults.map(\.key) == ["5"])
    await log.close()
  }

  @Test func whoIsNotThereCannotBeErasedTwice() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await fill(log)
    let officer = context([.securityOfficer])
    for (number, subject) in [(UInt64(1), Self.subject), (2, Self.subject), (3, "order/none")] {
      let request = AuditV1.EraseSubjectRequest(
        requestID: RequestID(high: 2, low: number), subject: subject, ground: "law")
      if number == 1 {
        _ = try await log.handler.eraseSubject(request, officer)
      } else {
        await #expect(throws: AuditError.subjectNotFound) {
          try await log.handler.eraseSubject(request, officer)
        }
      }
    }
    #expect(try await log.size() == 301)
    await log.close()
  }

  @Test func whoReadsWhatIsNotTheirOwnIsNoted() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...5))
    let auditor = context([.auditor])
    _ = try await log.handler.listEntries(.init(pageSize: 3), auditor)
    #expect(try await log.size() == 6)
    _ = try await log.handler.getEntry(.init(index: 4), auditor)
    let notes = try await log.handler.listEntries(.init(kind: "details.read"), auditor).entries
    #expect(notes.map(\.index) == [5, 6])
    #expect(notes.map(\.producer) == ["audit", "audit"])
    let name = "participant/\(ParticipantID(high: 7, low: 7))"
    #expect(notes.map(\.actor) == [name, name])
    let payloads = notes.map { String(decoding: $0.payload, as: UTF8.self) }
    #expect(payloads == ["{\"entries\":\"0-2\"}", "{\"entries\":\"4\"}"])
    #expect(try await log.size() == 7, "reading notes leaves none")
    _ = try await log.handler.listEntries(.init(), context([.consumer]))
    #expect(try await log.size() == 7, "a participant reads its own entries")
    await log.close()
  }

  @Test func aListDoesNotGrowWhileItIsRead() async throws {
    let log = try await OpenedLog(TemporaryDirectory())
    try await log.append(Events.events(1...5))
    _ = try await log.checkpoint(covering: 5)
    let auditor = context([.auditor])
    var indexes: [Int64] = []
    var token = ""
    repeat {
      let page = try await log.handler.listEntries(.init(pageSize: 1, pageToken: token), auditor)
      indexes += page.entries.map(\.index)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(indexes == [0, 1, 2, 3, 4])
    await log.close()
  }
}
