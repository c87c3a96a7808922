import Crypto
import Foundation
import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct IdentityStoreTests {
  let directory: TemporaryDirectory
  let database: ServiceDatabase

  init() throws {
    directory = try TemporaryDirectory()
    database = try ServiceDatabase(
      at: directory.file("identity.sqlite"), service: "identity",
      migrations: IdentitySchema.migrations)
  }

  func insert(_ participant: Participant) async throws {
    try await database.write { try ParticipantTable.insert(participant, $0) }
  }

  func insertActive() async throws -> Participant {
    var participant = try Sample.application()
    participant.state = .active
    try await insert(participant)
    return participant
  }

  @Test func everyTableIsStrict() async throws {
    let loose = try await database.read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
          AND NOT strict AND name NOT LIKE 'sqlite_%'
          """)
    }
    #expect(loose.isEmpty)
  }

  @Test func aParticipantReadsBackAsItWasWritten() async throws {
    var participant = try Sample.application(roles: [.provider, .consumer])
    let applied = participant
    try await insert(applied)
    #expect(try await database.read { try ParticipantTable.get(applied.id, $0) } == applied)
    try participant.reject(reason: "no such company", at: Sample.now.adding(seconds: 5))
    let rejected = participant
    try await database.write { try ParticipantTable.update(rejected, $0) }
    #expect(try await database.read { try ParticipantTable.get(rejected.id, $0) } == rejected)
    await #expect(throws: IdentityError.participantNotFound) {
      try await database.read { try ParticipantTable.get(.make(at: Sample.now), $0) }
    }
  }

  @Test func aLegalIDIsTakenOncePerEnvironmentUnlessRejected() async throws {
    let first = try Sample.application()
    try await insert(first)
    await #expect(throws: IdentityError.legalIDTaken) { try await insert(Sample.application()) }
    try await insert(Sample.application(environment: .sandbox))
    var rejected = first
    try rejected.reject(reason: "r", at: Sample.now)
    try await database.write { [rejected] in try ParticipantTable.update(rejected, $0) }
    try await insert(Sample.application())
  }

  @Test func listsArePagedInOrderAndFilteredByState() async throws {
    var ids: [ParticipantID] = []
    for number in 0..<5 {
      var participant = try Sample.application(legalID: "\(number)")
      if number.isMultiple(of: 2) { participant.state = .active }
      try await insert(participant)
      ids.append(participant.id)
    }
    ids.sort()
    let after = ids[1]
    let page = try await database.read {
      try ParticipantTable.list(after: after, state: nil, limit: 2, $0)
    }
    #expect(page.map(\.id) == [ids[2], ids[3]])
    let active = try await database.read {
      try ParticipantTable.list(after: nil, state: .active, limit: 10, $0)
    }
    #expect(active.count == 3 && active.allSatisfy { $0.state == .active })
  }

  @Test func ofManyConcurrentUsesOfATokenOneSucceeds() async throws {
    let participant = try await insertActive()
    let issued = try await database.write { db in
      let system = try SystemTable.findOrMake("portal", of: participant.id, at: Sample.now, db)
      let holder = try CredentialHolder(
        name: .participant(participant.id, system), systemName: "portal", hosts: ["a.example"])
      let issued = EnrolmentToken.issue(for: holder, at: Sample.now)
      try EnrolmentTokenTable.insert(issued.token, db)
      return issued
    }
    let database = database
    let successes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask {
          do {
            try await database.write { db in
              var token = try EnrolmentTokenTable.get(
                secretDigest: issued.token.secretDigest, db)
              try token.use(at: Sample.now.adding(seconds: 1))
              try EnrolmentTokenTable.use(token, db)
            }
            return true
          } catch { return false }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(successes == 1)
    let stored = try await database.read {
      try EnrolmentTokenTable.get(secretDigest: issued.token.secretDigest, $0)
    }
    #expect(stored.useTime == Sample.now.adding(seconds: 1))
    #expect(stored.holder.hosts == ["a.example"])
    let file = String(decoding: try Data(contentsOf: URL(filePath: database.path)), as: UTF8.self)
    #expect(!file.contains(issued.secret))
  }

  @Test func aSystemIsMadeOncePerName() async throws {
    let participant = try await insertActive()
    let ids = try await database.write { db in
      try ["a", "b", "a"].map {
        try SystemTable.findOrMake($0, of: participant.id, at: Sample.now, db)
      }
    }
    #expect(ids[0] == ids[2] && ids[0] != ids[1])
  }

  @Test func revocationsAreNumberedFromOneAndNeverChange() async throws {
    let participant = try await insertActive()
    let epochs = try await database.write { db in
      try (0..<3).map { _ in
        try RevocationTable.append(
          .participant(participant.id), isBlocked: true, at: Sample.now, db)
      }
    }
    #expect(epochs == [1, 2, 3])
    let tail = try await database.read { try RevocationTable.list(after: 1, limit: 10, $0) }
    #expect(tail.map(\.epoch) == [2, 3])
    for sql in ["UPDATE revocation SET blocked = 0", "DELETE FROM revocation"] {
      await #expect(throws: DatabaseError.self) {
        try await database.write { try $0.execute(sql: sql) }
      }
    }
  }

  @Test func theCutoffOfAHolderIsTheLatestOfItsNames() async throws {
    let participant = try await insertActive()
    let cutoff = try await database.write { db in
      let system = try SystemTable.findOrMake("portal", of: participant.id, at: Sample.now, db)
      let holder = try CredentialHolder(
        name: .participant(participant.id, system), systemName: "portal", hosts: [])
      #expect(try RevocationTable.cutoff(of: holder, db) == nil)
      _ = try RevocationTable.append(
        .participant(participant.id), isBlocked: false, at: Sample.now, db)
      _ = try RevocationTable.append(
        .system(system), isBlocked: false, at: Sample.now.adding(seconds: 9), db)
      return try RevocationTable.cutoff(of: holder, db)
    }
    #expect(cutoff == RevocationCutoff.after(Sample.now.adding(seconds: 9)))
  }

  @Test func theSchemaRefusesWhatRulesWouldNotWrite() async throws {
    for sql in [
      "INSERT INTO participant_role VALUES (x'00', 'ROLE_PROVIDER')",
      "INSERT INTO enrolment_token VALUES (zeroblob(16), zeroblob(32), 5, 4, NULL, NULL, NULL, 'a', 'a', '[]')",
      "INSERT INTO revocation VALUES (1, NULL, NULL, NULL, 0, 0, 0, 0)",
      "INSERT INTO signing_key VALUES ('short', zeroblob(91), NULL, 0)",
      "INSERT INTO authority VALUES ('0a', 0, x'00', NULL, 0, 1)",
    ] {
      await #expect(throws: DatabaseError.self, "\(sql)") {
        try await database.write { try $0.execute(sql: sql) }
      }
    }
  }
}
