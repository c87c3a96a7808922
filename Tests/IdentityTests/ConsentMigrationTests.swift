import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct ConsentMigrationTests {
  /// A database from before there were consents keeps its revocations, their epochs and their finality.
  @Test func revocationsOutliveTheMigration() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("identity.sqlite")
    let before = IdentitySchema.migrations.prefix { $0.name != "consents" }
    #expect(before.count < IdentitySchema.migrations.count)
    let old = try ServiceDatabase(at: path, service: "identity", migrations: Array(before))
    var participant = try Sample.application()
    participant.state = .active
    let admitted = participant
    try await old.write { db in
      try ParticipantTable.insert(admitted, db)
      for (tokensOnly, blocked) in [(1, 0), (0, 1)] {
        try db.execute(
          sql: """
            INSERT INTO revocation (participant_id, tokens_only, not_before, blocked, time)
            VALUES (?, ?, 7000000, ?, 6500000)
            """, arguments: [admitted.id, tokensOnly, blocked])
      }
    }
    await old.close()
    let new = try ServiceDatabase(
      at: path, service: "identity", migrations: IdentitySchema.migrations)
    let kept = try await new.read { try RevocationTable.list(after: 0, limit: 10, $0) }
    let cutoff = Timestamp(microseconds: 7_000_000)
    #expect(
      kept == [
        Revocation(epoch: 1, subject: .tokens(admitted.id), notBefore: cutoff, isBlocked: false),
        Revocation(
          epoch: 2, subject: .participant(admitted.id), notBefore: cutoff, isBlocked: true),
      ])
    for sql in ["DELETE FROM revocation", "UPDATE revocation SET blocked = 0"] {
      await #expect(throws: (any Error).self) { try await new.write { try $0.execute(sql: sql) } }
    }
    let next = try await new.write {
      try RevocationTable.append(.tokens(admitted.id), isBlocked: false, at: cutoff, $0)
    }
    #expect(next == 3)
    await new.close()
  }
}
