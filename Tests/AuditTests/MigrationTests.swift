import AuditDomain
import AuditStore
import Crypto
import Foundation
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing
import TransparencyLog

@testable import AuditAPI

/// Logs that were made by earlier programs.
@Suite(.timeLimit(.minutes(2))) struct MigrationTests {
  /// Of the fourth schema, with which entries were stored as their bytes: the log and its key.
  private func oldLog(of events: [AuditV1.Event], in directory: TemporaryDirectory) async throws
    -> Checkpoint
  {
    let source = try await OpenedLog(TemporaryDirectory())
    try await source.append(events)
    let checkpoint = try await source.checkpoint(covering: events.count)
    try KeyFile.write(
      KeyFile.readText(source.directory.file("log.key")), to: directory.file("log.key"))
    let database = try ServiceDatabase(
      at: directory.file("audit.sqlite"), service: "audit",
      migrations: Array(AuditSchema.migrations.prefix(4)),
      logger: Logger(label: "audit") { JSONLogHandler(label: $0, level: .critical) })
    let bodies = try await source.database.read {
      try EntryTable($0).bodies(from: 0, to: events.count)
    }
    let path = source.directory.file("audit.sqlite")
    try await database.write { db in
      for (index, bytes) in bodies.enumerated() {
        let body = try EntryBody(bytes)
        try db.execute(
          sql: "INSERT INTO entry (idx, body, kind, time) VALUES (?, ?, ?, ?)",
          arguments: [index, Blob(bytes), body.kind, body.time])
        try db.execute(
          sql: "INSERT INTO idem (event_id, producer, body_hash, idx) VALUES (?, ?, ?, ?)",
          arguments: [body.eventID, body.producer, MerkleHash.leaf(bytes), index])
      }
    }
    await source.close()
    try copy(from: path, into: database.path)
    await database.close()
    return checkpoint
  }

  /// What has only changed its names since.
  private func copy(from source: String, into path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "ATTACH ? AS new", arguments: [source])
      try db.execute(
        sql: """
          INSERT INTO tile SELECT * FROM new.tile;
          INSERT INTO checkpoint SELECT size, root, note FROM new.checkpoint;
          INSERT INTO producer_seq SELECT * FROM new.producer_seq;
          INSERT INTO subject_key SELECT * FROM new.subject WHERE key IS NOT NULL;
          INSERT INTO payload SELECT * FROM new.details;
          INSERT INTO subject_entry SELECT name, idx, role FROM new.posting JOIN new.subject USING (subject_id)
            WHERE role < 2;
          DETACH new;
          """)
    }
    try queue.close()
  }

  @Test func aLogOfTheFourthSchemaKeepsAllItHas() async throws {
    let directory = try TemporaryDirectory()
    var events = Events.events(1...299)
    events.append(Events.event(300, actor: "", subjects: []))
    events.append(Events.event(301, subjects: ["order/late", "order/late"]))
    events[7].outcome = .refused
    events[8].traceparent = ""
    events[9].traceparent = "0af7651916cd43dd"
    let before = try await oldLog(of: events, in: directory)

    let log = try await OpenedLog(directory)
    #expect(try await log.checkpoint() == before)
    var faults: [AuditV1.LogFault] = []
    try await log.handler.inspect { faults += $0.response(in: .en).faults }
    #expect(faults == [])
    #expect(try await log.append(events).map(\.index) == (0..<301).map(Int64.init))
    let listed = try await log.database.read { db in
      var filter = EntryFilter()
      filter.subject = "order/late"
      return try EntrySearch(db).list(filter, after: nil, limit: 10).map { try $0.details() }
    }
    #expect(listed.map { $0?.details } == [EntryDetails(events[300])])
    #expect(try await log.append([Events.event(302)]).map(\.index) == [301])
    #expect(try await log.checkpoint(covering: 302).size == 302)
    await log.close()
  }

  @Test func whoIsErasedAfterTheMoveIsNotLeftInThePagesOfBefore() async throws {
    let directory = try TemporaryDirectory()
    _ = try await oldLog(of: Events.events(1...300), in: directory)
    let path = directory.file("audit.sqlite")
    let secrets = try oldSecrets(path)
    #expect(secrets.count == 602)
    #expect(secrets.contains { found([$0], in: path) == 1 })
    let log = try await OpenedLog(directory)
    let officer = CallContext.test(
      LogServiceMethods.eraseSubject,
      caller: .participant(
        ParticipantCaller(
          participantID: ParticipantID(high: 7, low: 7), systemID: SystemID(high: 8, low: 8),
          roles: [.securityOfficer], environment: .live,
          certificateFingerprint: Digest.sha256(of: [UInt8](arrayLiteral: 1)))))
    let request = AuditV1.EraseSubjectRequest(
      requestID: RequestID(high: 1, low: 1), subject: Self.subject, ground: "decision 17")
    #expect(try await log.handler.eraseSubject(request, officer).erasure.erasedEntries == 300)
    await log.close()
    for file in [path, path + "-wal"] { #expect(found(secrets, in: file) == 0) }
  }

  /// Whom all entries name.
  private static let subject = "participant/buyer"

  /// What must not be found once the subject is erased: its name and key, salts and sealed details.
  private func oldSecrets(_ path: String) throws -> [Data] {
    try DatabaseQueue(path: path).read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT salt, ciphertext FROM payload")
      let key = try Data.fetchAll(
        db, sql: "SELECT key FROM subject_key WHERE subject = ?", arguments: [Self.subject])
      return rows.flatMap { [$0["salt"] as Data, $0["ciphertext"] as Data] } + key
        + [Data(Self.subject.utf8)]
    }
  }

  /// How many of the secrets are in the bytes of a file; none when there is no file.
  private func found(_ secrets: [Data], in path: String) -> Int {
    guard let bytes = FileManager.default.contents(atPath: path) else { return 0 }
    return secrets.count { bytes.range(of: $0) != nil }
  }
}
