import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct ConsentRuleTests {
  static let day: Int64 = 86_400

  static func parties() throws -> ConsentParties {
    ConsentParties(
      subject: try Sample.active(kind: .citizen, legalID: "1", roles: [.citizen]),
      provider: try Sample.active(legalID: "2", roles: [.provider]),
      consumer: try Sample.active(legalID: "3"))
  }

  /// Asked for at `Sample.now`, good for ten days from a day later.
  static func consent(
    among parties: ConsentParties, frequency: IdentityV1.ConsentFrequency? = nil
  ) throws -> Consent {
    try Consent.request(
      IdentityV1.ConsentArtefact(
        consentID: .make(at: Sample.now), subjectPseudonym: String(repeating: "a", count: 32),
        providerID: parties.provider.id, consumerID: parties.consumer.id, environment: .live,
        purpose: "research", dataCategories: ["health"],
        startTime: Sample.now.adding(seconds: day),
        expireTime: Sample.now.adding(seconds: 11 * day),
        use: frequency == nil ? .oneTime : .periodic, frequency: frequency, retentionDays: 30),
      among: parties, at: Sample.now)
  }

  @Test func periodsFollowOneAnotherFromTheStart() throws {
    let frequency = IdentityV1.ConsentFrequency(orders: 2, days: 3)
    let consent = try Self.consent(among: try Self.parties(), frequency: frequency)
    let start = consent.artefact.startTime
    func period(_ seconds: Int64) -> Timestamp {
      consent.periodStart(at: start.adding(seconds: seconds))
    }
    #expect(period(-1) == start && period(3 * Self.day - 1) == start)
    #expect(period(3 * Self.day) == start.adding(seconds: 3 * Self.day))
    #expect(period(8 * Self.day) == start.adding(seconds: 6 * Self.day))
    #expect(!consent.isUsedUp(by: 1) && consent.isUsedUp(by: 2))
  }

  @Test func expiryCountsByTimeWhetherOrNotItWasGiven() throws {
    let consent = try Self.consent(among: try Self.parties())
    let end = consent.artefact.expireTime
    #expect(consent.state(at: end.adding(microseconds: -1)) == .requested)
    #expect(consent.state(at: end) == .expired && consent.obstacle(at: end) == .expired)
    var declined = consent
    try declined.withdraw(at: Sample.now)
    #expect(declined.state(at: end) == .withdrawn)
    #expect(throws: IdentityError.consent(.stateConflict(.expired))) {
      var late = consent
      try late.withdraw(at: end)
    }
  }

  @Test func schemaKeepsWhatTheRulesKeep() async throws {
    let directory = try TemporaryDirectory()
    let database = try ServiceDatabase(
      at: directory.file("identity.sqlite"), service: "identity",
      migrations: IdentitySchema.migrations)
    let parties = try Self.parties()
    let pilot = try Sample.application(
      kind: .citizen, legalID: "4", environment: .sandbox, roles: [.citizen])
    let consent = try Self.consent(among: parties)
    let (kept, foreign) = try await database.write { db -> (Consent, Consent) in
      for var party in [parties.subject, parties.provider, parties.consumer, pilot] {
        party.verifiedBy = nil
        try ParticipantTable.insert(party, db)
      }
      try ConsentTable.insert(consent, db)
      try ConsentEventTable.append(.requested, to: consent, at: Sample.now, db)
      let other = try Self.consent(among: parties)
      return (
        try ConsentTable.get(consent.id, db),
        Consent(
          artefact: other.artefact, subjectID: pilot.id, standing: .requested,
          createTime: Sample.now, updateTime: Sample.now)
      )
    }
    #expect(kept == consent)
    // LIVE and SANDBOX never meet.
    await #expect(throws: DatabaseError.self) {
      try await database.write { try ConsentTable.insert(foreign, $0) }
    }
    // Silence is not consent.
    let order = OrderID(high: 1, low: 1)
    await #expect(throws: DatabaseError.self) {
      try await database.write {
        try ConsentEventTable.append(.used, to: consent, order: order, at: Sample.now, $0)
      }
    }
    let signed = Consent(
      artefact: consent.artefact, subjectID: consent.subjectID, standing: .given,
      signature: ConsentSignature(certificate: [1], bytes: [UInt8](repeating: 2, count: 64)),
      createTime: Sample.now, updateTime: Sample.now)
    try await database.write { db in
      try ConsentEventTable.append(.given, to: signed, at: Sample.now, db)
      try ConsentEventTable.append(.used, to: signed, order: order, at: Sample.now, db)
    }
    for sql in [
      "UPDATE consent SET retention_days = 9000", "DELETE FROM consent_event",
      "UPDATE consent_event SET kind = 'CONSENT_EVENT_KIND_RESUMED', order_id = NULL",
    ] {
      await #expect(throws: DatabaseError.self) {
        try await database.write { try $0.execute(sql: sql) }
      }
    }
    await #expect(throws: DatabaseError.self) {
      try await database.write {
        try ConsentEventTable.append(
          .used, to: signed, order: OrderID(high: 1, low: 2), at: Sample.now, $0)
      }
    }
    await database.close()
  }
}
