import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct RevocationTests {
  /// An admitted company with a certificate, and those who admitted it.
  struct Scene {
    let exchange: IdentityExchange
    let first: Party
    let second: Party
    let company: Party

    init() async throws {
      exchange = try await IdentityExchange()
      first = try await exchange.staff("registrar-1")
      second = try await exchange.staff("registrar-2")
      let id = try await first.register("01", roles: [.consumer]).participant.id
      try await first.verify(id)
      try await second.approve(id)
      company = try await exchange.party(try await first.enrolmentToken(for: id))
    }

    func get(as party: Party) async throws -> String? {
      try await refusal {
        try await party.participants.getParticipant(
          IdentityV1.GetParticipantRequest(participantID: company.participantID))
      }
    }

    func keys() async throws -> JSONWebKeySet {
      try JSONWebKeySet(
        parsing: try await first.tokens.getJwks(IdentityV1.GetJwksRequest()).jwks)
    }

    func end() async {
      for party in [first, second, company] { await party.close() }
      await exchange.stop()
    }
  }

  @Test func aRevokedCertificateIsRefusedOnItsOpenConnection() async throws {
    let scene = try await Scene()
    #expect(try await scene.get(as: scene.company) == nil)
    let officer = try await scene.exchange.staff("security-officer")
    let list = try await officer.credentials.listCredentials(
      IdentityV1.ListCredentialsRequest(participantID: scene.company.participantID))
    let credential = try #require(list.credentials.first)
    #expect(credential.state == .valid)
    let request = IdentityV1.RevokeCredentialRequest(
      requestID: officer.requestID(), credentialID: credential.id, reason: "laptop lost")
    let revoked = try await officer.credentials.revokeCredential(request)
    #expect(revoked.epoch == 1 && revoked.credential.state == .revoked)
    #expect(try await scene.get(as: scene.company) == "CREDENTIAL_REVOKED")
    #expect(try await officer.credentials.revokeCredential(request).replayed)
    // A new certificate for the same system works.
    let again = try await scene.exchange.party(
      try await scene.first.enrolmentToken(for: scene.company.participantID))
    #expect(try await scene.get(as: again) == nil)
    for party in [officer, again] { await party.close() }
    await scene.end()
  }

  @Test func aSuspensionStopsEverythingAndOldCredentialsStayRefusedAfterwards() async throws {
    let scene = try await Scene()
    let id = scene.company.participantID
    _ = try await scene.first.participants.suspendParticipant(
      IdentityV1.SuspendParticipantRequest(
        requestID: scene.first.requestID(), participantID: id, reason: "complaint"))
    #expect(try await scene.get(as: scene.company) == "CREDENTIAL_REVOKED")
    #expect(
      try await refusal { try await scene.first.enrolmentToken(for: id) }
        == "PARTICIPANT_NOT_ACTIVE")
    scene.exchange.time.advance(seconds: 5)
    _ = try await scene.first.participants.reinstateParticipant(
      IdentityV1.ReinstateParticipantRequest(
        requestID: scene.first.requestID(), participantID: id, reason: "settled"))
    #expect(try await scene.get(as: scene.company) == "CREDENTIAL_REVOKED")
    let fresh = try await scene.exchange.party(try await scene.first.enrolmentToken(for: id))
    #expect(try await scene.get(as: fresh) == nil)
    await fresh.close()
    await scene.end()
  }

  @Test func theFeedDeliversSignedStepsAndHeartbeats() async throws {
    let scene = try await Scene()
    let watcher = try await scene.exchange.party(
      try scene.exchange.bootstrapToken("services/catalog/enrolment"))
    let keys = try await scene.keys()
    let stream = watcher.certificateOnly.watchRevocations(IdentityV1.WatchRevocationsRequest())
    var steps = stream.makeAsyncIterator()
    let start = try #require(try await steps.next())
    #expect(start.isSigned(by: keys) && start.epoch == 0 && !start.more)
    let heartbeat = try #require(try await steps.next())
    #expect(heartbeat.isSigned(by: keys) && heartbeat.revocations.isEmpty)
    _ = try await scene.first.participants.terminateParticipant(
      IdentityV1.TerminateParticipantRequest(
        requestID: scene.first.requestID(), participantID: scene.company.participantID,
        reason: "left"))
    var step = try #require(try await steps.next())
    while step.revocations.isEmpty { step = try #require(try await steps.next()) }
    #expect(step.isSigned(by: keys) && step.epoch == 1)
    let revocation = try #require(step.revocations.first)
    #expect(revocation.subjectID == scene.company.participantID.description)
    #expect(revocation.subject == .participant && revocation.blocked)
    var tampered = step
    tampered.revocations = []
    #expect(!tampered.isSigned(by: keys))
    // Late comers get the same from the cursor they ask for.
    let polled = try await watcher.certificateOnly.getRevocations(
      IdentityV1.GetRevocationsRequest(afterEpoch: 0)
    ).step
    #expect(polled.revocations == step.revocations)
    #expect(
      try await refusal {
        try await watcher.certificateOnly.getRevocations(
          IdentityV1.GetRevocationsRequest(afterEpoch: 99))
      } == "EPOCH_UNKNOWN")
    await watcher.close()
    await scene.end()
  }

  @Test func anOrganisationRevokesItsOwnCredentialsOnly() async throws {
    let scene = try await Scene()
    let own = try await scene.company.credentials.listCredentials(
      IdentityV1.ListCredentialsRequest())
    let officer = try await scene.exchange.staff("security-officer")
    let foreign = try await officer.credentials.listCredentials(
      IdentityV1.ListCredentialsRequest())
    func revoke(_ id: CredentialID?) async throws -> String? {
      try await refusal {
        try await scene.company.credentials.revokeCredential(
          IdentityV1.RevokeCredentialRequest(
            requestID: scene.company.requestID(), credentialID: try #require(id), reason: "old"))
      }
    }
    #expect(try await revoke(foreign.credentials.first?.id) == "NOT_YOUR_PARTICIPANT")
    #expect(
      try await refusal {
        try await scene.company.credentials.listCredentials(
          IdentityV1.ListCredentialsRequest(participantID: officer.participantID))
      } == "NOT_YOUR_PARTICIPANT")
    #expect(try await revoke(own.credentials.first?.id) == nil)
    await officer.close()
    await scene.end()
  }

  @Test func aTokenOfARoleThatWasTakenAwayIsRefused() async throws {
    let scene = try await Scene()
    let id = scene.company.participantID
    _ = try await scene.second.access.bindRole(
      IdentityV1.BindRoleRequest(
        requestID: scene.second.requestID(), participantID: id, role: .provider))
    let old = try await scene.company.tokens.issueToken(
      IdentityV1.IssueTokenRequest(requestID: scene.company.requestID(), audience: "identity")
    ).accessToken
    func use(_ token: String) async throws -> String? {
      try await refusal { try await scene.company.getParticipant(id, token: token) }
    }
    #expect(try await use(old) == nil)
    let unbound = try await scene.second.access.unbindRole(
      IdentityV1.UnbindRoleRequest(
        requestID: scene.second.requestID(), participantID: id, role: .provider))
    #expect(!unbound.participant.roles.contains(.provider))
    #expect(try await use(old) == "CREDENTIAL_REVOKED")
    // The certificate stays good, and tokens issued from then on, even within the same second.
    #expect(try await scene.get(as: scene.company) == nil)
    await scene.end()
  }
}
