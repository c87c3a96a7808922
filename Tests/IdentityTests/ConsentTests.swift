import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConsentTests {
  @Test func silenceIsNotConsentAndWhatIsSignedIsGivenOnce() async throws {
    let scene = try await ConsentScene()
    let request = scene.request()
    let asked = try await scene.researcher.consents.requestConsent(request)
    let consent = asked.consent
    #expect(consent.state == .requested && consent.nextActor == .participant)
    #expect(consent.artefact.dataCategories == ["census", "health"])
    #expect(consent.blockedBy == "CONSENT_NOT_GIVEN" && consent.subjectID == nil)
    #expect(consent.text == consent.artefact.text)
    let again = try await scene.researcher.consents.requestConsent(request)
    #expect(again.replayed && again.consent == consent)
    let early = try await refusal { try await scene.consume([consent.id], for: scene.order(1)) }
    #expect(early == "CONSENT_NOT_GIVEN")

    let signing = try scene.signed(consent)
    let given = try await scene.citizen.consents.giveConsent(signing)
    #expect(given.consent.state == .given && given.consent.blockedBy.isEmpty)
    #expect(given.consent.subjectID == scene.citizen.participantID)
    #expect(try await scene.citizen.consents.giveConsent(signing).replayed)
    let twice = try await refusal {
      try await scene.citizen.consents.giveConsent(try scene.signed(consent))
    }
    #expect(twice == "CONSENT_STATE_CONFLICT")
    let seen = try await scene.get(consent.id, as: scene.hospital)
    #expect(seen.consent.signature == signing.signature && seen.consent.subjectID == nil)
    #expect(seen.events.map(\.kind) == [.requested, .given])
    let verified = try await scene.hospital.consents.verifyConsents(
      IdentityV1.VerifyConsentsRequest(consentIDs: [consent.id])
    ).consents
    #expect(verified.map(\.signatureValid) == [true] && verified.map(\.usedUp) == [false])
    await scene.end()
  }

  @Test func onlyThePersonsOwnSignatureUnderTheWholeTextCounts() async throws {
    let scene = try await ConsentScene()
    let consent = try await scene.asked()
    var other = consent.artefact
    other.retentionDays = 3_650
    var altered = try scene.signed(consent)
    altered.signature = try other.signed(by: scene.citizen.credential.key)
    var foreign = try scene.signed(consent)
    foreign.certificate = scene.hospital.credential.leaf.der
    foreign.signature = try consent.artefact.signed(by: scene.hospital.credential.key)
    for (request, reason) in [
      (altered, "CONSENT_SIGNATURE_INVALID"), (foreign, "CONSENT_CERTIFICATE_NOT_CALLERS"),
    ] {
      #expect(
        try await refusal { try await scene.citizen.consents.giveConsent(request) } == reason)
    }
    let neighbour = try await scene.admit("04", .citizen, .citizen)
    var stolen = try scene.signed(consent)
    stolen.certificate = neighbour.credential.leaf.der
    stolen.signature = try consent.artefact.signed(by: neighbour.credential.key)
    let theirs = stolen
    #expect(
      try await refusal { try await neighbour.consents.giveConsent(theirs) } == "CONSENT_NOT_FOUND")
    #expect(
      try await refusal { try await scene.get(consent.id, as: neighbour) }
        == "CONSENT_NOT_FOUND")
    #expect(
      try await refusal { try await scene.researcher.consents.giveConsent(theirs) }
        == "ROLE_REQUIRED")
    let list = try await neighbour.consents.listConsents(IdentityV1.ListConsentsRequest())
    #expect(list.consents.isEmpty)
    #expect(try await scene.get(consent.id, as: scene.citizen).consent.state == .requested)
    await neighbour.close()
    await scene.end()
  }

  @Test func oneTimeConsentIsUsedByExactlyOneOfManyOrders() async throws {
    let scene = try await ConsentScene()
    let consent = try await scene.given()
    let reasons = try await withThrowingTaskGroup(of: String?.self) { group in
      for number in 1...8 {
        group.addTask {
          try await refusal {
            try await scene.consume([consent.id], for: scene.order(UInt64(number)))
          }
        }
      }
      return try await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(reasons.count { $0 == nil } == 1)
    #expect(reasons.count { $0 == "CONSENT_USED" } == 7)
    let uses = try await scene.get(consent.id, as: scene.citizen).events.filter { $0.kind == .used }
    let winner = try #require(uses.first?.orderID)
    // The order that has it gets the same answer, under the same request id and another.
    let again = try await scene.consume([consent.id], for: winner)
    #expect(again.consents.map(\.id) == [consent.id] && uses.count == 1)
    let checks = ConsentServiceClient(scene.settlement.plain)
    let own = try await checks.verifyConsents(
      IdentityV1.VerifyConsentsRequest(consentIDs: [consent.id], orderID: winner))
    let others = try await checks.verifyConsents(
      IdentityV1.VerifyConsentsRequest(consentIDs: [consent.id], orderID: scene.order(99)))
    #expect(own.consents.map(\.usedUp) == [false] && others.consents.map(\.usedUp) == [true])
    #expect(own.consents.first?.consent.subjectID == scene.citizen.participantID)
    #expect(
      try await refusal {
        try await scene.hospital.consents.consumeConsents(
          IdentityV1.ConsumeConsentsRequest(
            requestID: scene.hospital.requestID(), consentIDs: [consent.id], orderID: winner))
      } == "SERVICE_REQUIRED")
    await scene.end()
  }

  @Test func consentsOfAnOrderAreUsedTogetherOrNotAtAll() async throws {
    let scene = try await ConsentScene()
    let (first, second) = (try await scene.given(), try await scene.given())
    #expect(first.artefact.subjectPseudonym == second.artefact.subjectPseudonym)
    _ = try await scene.consume([second.id], for: scene.order(1))
    let request = scene.settlement.requestID()
    for _ in 1...2 {
      let refused = try await refusal {
        try await scene.consume([first.id, second.id], for: scene.order(2), requestID: request)
      }
      #expect(refused == "CONSENT_USED")
    }
    #expect(
      try await scene.get(first.id, as: scene.citizen).events.map(\.kind) == [
        .requested, .given,
      ])
    _ = try await scene.consume([first.id], for: scene.order(3))
    await scene.end()
  }

  @Test func periodicConsentIsUsedSoOftenInEachPeriod() async throws {
    let scene = try await ConsentScene()
    let consent = try await scene.given(
      frequency: IdentityV1.ConsentFrequency(orders: 2, days: 1),
      from: scene.exchange.time.now.adding(seconds: 60))
    func use(_ number: UInt64) async throws -> String? {
      try await refusal { try await scene.consume([consent.id], for: scene.order(number)) }
    }
    #expect(try await use(1) == "CONSENT_NOT_YET_VALID")
    scene.exchange.time.advance(seconds: 61)
    #expect(try await [use(2), use(3), use(4), use(3)] == [nil, nil, "CONSENT_USED", nil])
    await scene.end()
  }

  @Test func pauseAndWithdrawalReachTheFeedOnceAnOrderRestsOnIt() async throws {
    let scene = try await ConsentScene()
    let consent = try await scene.given()
    let unused = try await scene.asked()
    #expect(try await scene.withdraw(unused.id).epoch == 0)
    _ = try await scene.consume([consent.id], for: scene.order(1))
    let paused = try await scene.pause(consent.id)
    #expect(paused.consent.state == .paused && paused.epoch == 1)
    #expect(try await refusal { try await scene.pause(consent.id) } == "CONSENT_STATE_CONFLICT")
    #expect(try await scene.resume(consent.id).epoch == 2)
    #expect(try await scene.withdraw(consent.id).epoch == 3)
    for call in [scene.withdraw(_:)] {
      #expect(try await refusal { try await call(consent.id) } == "CONSENT_STATE_CONFLICT")
    }
    let step = try await scene.researcher.certificateOnly.getRevocations(
      IdentityV1.GetRevocationsRequest()
    ).step
    #expect(step.revocations.map(\.subject) == [.consentPause, .consentPause, .consent])
    #expect(step.revocations.map(\.blocked) == [true, false, true])
    let view = RevocationView(isAuthoritative: true)
    view.apply(step)
    #expect(view.isWithdrawn(consent.id) && !view.isPaused(consent.id))
    #expect(view.consents(after: 1).ids == [consent.id, consent.id])
    #expect(view.consents(after: 3).ids.isEmpty && view.consents(after: 0).epoch == 3)
    await scene.end()
  }

  @Test func askingTheWrongPeopleOrForTheWrongTimeIsRefused() async throws {
    let scene = try await ConsentScene()
    let pilot = try await scene.admit("05", .citizen, .citizen, in: .sandbox)
    typealias Change = (inout IdentityV1.RequestConsentRequest) -> Void
    let changes: [(String, Change)] = [
      ("CONSENT_SUBJECT_NOT_CITIZEN", { $0.subjectID = scene.registrars[0].participantID }),
      ("CONSENT_ENVIRONMENT_MISMATCH", { $0.subjectID = pilot.participantID }),
      ("CONSENT_PARTIES_NOT_DISTINCT", { $0.subjectID = scene.hospital.participantID }),
      ("CONSENT_PROVIDER_NOT_PROVIDER", { $0.providerID = scene.registrars[0].participantID }),
      ("PARTICIPANT_NOT_FOUND", { $0.subjectID = ParticipantID(high: 1, low: 1) }),
      ("CONSENT_PERIOD_INVALID", { $0.expireTime = scene.exchange.time.now }),
      ("CONSENT_PERIOD_INVALID", { $0.expireTime = $0.expireTime.adding(seconds: 4_000 * 86_400) }),
      ("CONSENT_FREQUENCY_MISMATCH", { $0.use = .periodic }),
    ]
    for (reason, change) in changes {
      var request = scene.request()
      change(&request)
      let asked = request
      #expect(
        try await refusal { try await scene.researcher.consents.requestConsent(asked) } == reason)
    }
    await pilot.close()
    await scene.end()
  }
}
