import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import Testing

@Suite(.timeLimit(.minutes(2))) struct AdmissionTests {
  @Test func anAdmissionTakesTwoRegistrarsAndEndsInACertificateThatWorks() async throws {
    let exchange = try await IdentityExchange()
    let first = try await exchange.staff("registrar-1")
    let second = try await exchange.staff("registrar-2")
    let id = try await first.register("0100000001", roles: [.provider]).participant.id
    #expect(try await refusal { try await second.approve(id) } == "ILLEGAL_TRANSITION")
    #expect(
      try await refusal { try await first.enrolmentToken(for: id) } == "PARTICIPANT_NOT_ACTIVE")
    try await first.verify(id)
    #expect(try await refusal { try await first.approve(id) } == "SECOND_PERSON_REQUIRED")
    try await second.approve(id)
    let company = try await exchange.party(
      try await first.enrolmentToken(for: id, hosts: ["data.example", "127.0.0.1"]))
    #expect(company.participantID == id)
    #expect(company.credential.leaf.dnsNames == ["data.example"])
    let own = try await company.participants.getParticipant(
      IdentityV1.GetParticipantRequest(participantID: id)
    ).participant
    #expect(own.state == .active && own.roles == [.organisationAdmin, .provider])
    for party in [first, second, company] { await party.close() }
    await exchange.stop()
  }

  @Test func aRetriedRegistrationIsReplayedAndAnotherUnderItsIDRefused() async throws {
    let exchange = try await IdentityExchange()
    let registrar = try await exchange.staff("registrar-1")
    let requestID = registrar.requestID()
    let first = try await registrar.register("01", requestID: requestID)
    let again = try await registrar.register("01", requestID: requestID)
    #expect(!first.replayed && again.replayed)
    #expect(again.participant == first.participant)
    #expect(
      try await refusal { try await registrar.register("02", requestID: requestID) }
        == "REQUEST_ID_REUSED")
    #expect(try await refusal { try await registrar.register("01") } == "LEGAL_ID_TAKEN")
    #expect(
      try await refusal { try await registrar.register("03", roles: [.registrar]) }
        == "ROLE_NOT_APPLICABLE")
    let list = try await registrar.participants.listParticipants(
      IdentityV1.ListParticipantsRequest(state: .applied))
    #expect(list.participants.map(\.legalID) == ["01"])
    await registrar.close()
    await exchange.stop()
  }

  @Test func othersThanRegistrarsAdmitNobodyAndEnrolOnlyThemselves() async throws {
    let exchange = try await IdentityExchange()
    let registrar = try await exchange.staff("registrar-1")
    let auditor = try await exchange.staff("auditor")
    let id = try await registrar.register("01").participant.id
    #expect(try await refusal { try await auditor.verify(id) } == "ROLE_REQUIRED")
    #expect(try await refusal { try await auditor.register("02") } == "ROLE_REQUIRED")
    #expect(
      try await refusal { try await registrar.enrolmentToken(for: auditor.participantID) }
        == "STAFF_ENROLMENT")
    #expect(
      try await refusal {
        try await registrar.access.bindRole(
          IdentityV1.BindRoleRequest(
            requestID: registrar.requestID(), participantID: registrar.participantID,
            role: .securityOfficer))
      } == "OWN_ROLES")
    for party in [registrar, auditor] { await party.close() }
    await exchange.stop()
  }

  @Test func pagesFollowOneAnotherWithoutGapsOrRepeats() async throws {
    let exchange = try await IdentityExchange()
    let registrar = try await exchange.staff("registrar-1")
    for number in 0..<5 { _ = try await registrar.register("\(number)") }
    var found: [ParticipantID] = []
    var token = ""
    repeat {
      let page = try await registrar.participants.listParticipants(
        IdentityV1.ListParticipantsRequest(pageSize: 4, pageToken: token))
      found += page.participants.map(\.id)
      token = page.nextPageToken
    } while !token.isEmpty
    #expect(found.count == 13 && Set(found).count == 13 && found == found.sorted())
    #expect(
      try await refusal {
        try await registrar.participants.listParticipants(
          IdentityV1.ListParticipantsRequest(pageToken: "garbage"))
      } == "INVALID_FIELD")
    await registrar.close()
    await exchange.stop()
  }
}
