import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct EnrolmentTests {
  @Test func aTokenEnrolsOnceAndARetryGivesTheSameCertificate() async throws {
    let exchange = try await IdentityExchange()
    let token = try exchange.bootstrapToken("services/catalog/enrolment")
    let key = try P256PrivateKey.generate()
    let requestID = RequestID.make(at: exchange.time.now)
    let signingRequest = try CertificateSigningRequest(key: key).der
    let first = try await exchange.enrol(
      token: token, signingRequest: signingRequest, requestID: requestID)
    let again = try await exchange.enrol(
      token: token, signingRequest: signingRequest, requestID: requestID)
    #expect(again.replayed && again.certificateChain == first.certificateChain)
    #expect(first.spiffeID == "spiffe://test.ndx/service/catalog")
    let chain = try first.certificateChain.map { try Certificate(der: $0) }
    try CertificateChain.verify(
      chain[0], intermediates: [chain[1]], anchors: [exchange.root], at: exchange.time.now)
    #expect(chain[0].publicKey.p256 == key.publicKey)
    #expect(
      try await refusal { try await exchange.enrol(token: token, key: key) }
        == "ENROLMENT_TOKEN_USED")
    await exchange.stop()
  }

  @Test func ofManyConcurrentEnrolmentsWithOneTokenOneSucceeds() async throws {
    let exchange = try await IdentityExchange()
    let token = try exchange.bootstrapToken("services/audit/enrolment")
    let reasons = try await withThrowingTaskGroup(of: String?.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let key = try P256PrivateKey.generate()
          return try await refusal { try await exchange.enrol(token: token, key: key) }
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(reasons.filter { $0 == nil }.count == 1)
    #expect(reasons.filter { $0 == "ENROLMENT_TOKEN_USED" }.count == 15)
    await exchange.stop()
  }

  @Test func tokensThatAreUnknownOrOldAndBadRequestsAreRefused() async throws {
    let exchange = try await IdentityExchange()
    let token = try exchange.bootstrapToken("services/audit/enrolment")
    let key = try P256PrivateKey.generate()
    func attempt(
      _ token: String, _ request: [UInt8]? = nil, lifetime: Int32 = 0
    ) async throws -> String? {
      try await refusal {
        let request = try request ?? CertificateSigningRequest(key: key).der
        return try await exchange.enrol(
          token: token, signingRequest: request, lifetimeSeconds: lifetime)
      }
    }
    #expect(try await attempt("nonsense") == "ENROLMENT_TOKEN_UNKNOWN")
    #expect(try await attempt(token, [1, 2, 3]) == "SIGNING_REQUEST_INVALID")
    #expect(try await attempt(token, lifetime: 60) == "LIFETIME_OUT_OF_RANGE")
    #expect(try await attempt(token, lifetime: 86_401) == "INVALID_FIELD")
    exchange.time.advance(seconds: 601)
    #expect(try await attempt(token) == "ENROLMENT_TOKEN_EXPIRED")
    await exchange.stop()
  }

  @Test func withoutACertificateOnlyEnrolmentIsOpen() async throws {
    let exchange = try await IdentityExchange()
    let channel = try exchange.enrolmentChannel()
    let bundle = try await CredentialServiceClient(channel).getTrustBundle(
      IdentityV1.GetTrustBundleRequest())
    #expect(bundle.trustDomain == "test.ndx" && bundle.issuers.count == 1)
    #expect(try bundle.roots.map { try Certificate(der: $0) } == [exchange.root])
    let jwks = try await TokenServiceClient(channel).getJwks(IdentityV1.GetJwksRequest()).jwks
    #expect(try JSONWebKeySet(parsing: jwks).keys.count == 1)
    let reason = try await refusal {
      try await ParticipantServiceClient(channel).listParticipants(
        IdentityV1.ListParticipantsRequest())
    }
    #expect(reason != nil)
    await channel.close()
    await exchange.stop()
  }

  @Test func enrolmentAttemptsAreRateLimited() async throws {
    let exchange = try await IdentityExchange()
    let channel = try exchange.enrolmentChannel()
    let client = CredentialServiceClient(channel)
    var refused: String?
    for _ in 0..<200 where refused == nil {
      refused = try await refusal {
        try await client.getTrustBundle(IdentityV1.GetTrustBundleRequest())
      }
    }
    #expect(refused == "TOO_MANY_ATTEMPTS")
    exchange.time.advance(seconds: 2)
    _ = try await client.getTrustBundle(IdentityV1.GetTrustBundleRequest())
    await channel.close()
    await exchange.stop()
  }

  @Test func aRenewedCertificateHasTheSameNameAndHosts() async throws {
    let exchange = try await IdentityExchange()
    let service = try await exchange.party(
      try exchange.bootstrapToken("services/settlement/enrolment"))
    let key = try P256PrivateKey.generate()
    let response = try await service.certificateOnly.renewCredential(
      IdentityV1.RenewCredentialRequest(
        requestID: service.requestID(),
        signingRequest: try CertificateSigningRequest(key: key).der, lifetimeSeconds: 600))
    let leaf = try Certificate(der: response.certificateChain[0])
    #expect(leaf.spiffeID == service.credential.leaf.spiffeID)
    #expect(leaf.dnsNames == service.credential.leaf.dnsNames)
    #expect(leaf.addresses == service.credential.leaf.addresses)
    #expect(leaf.publicKey.p256 == key.publicKey)
    #expect(leaf.serial != service.credential.leaf.serial)
    await service.close()
    await exchange.stop()
  }
}
