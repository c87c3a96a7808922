import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct TokenTests {
  @Test func aTokenNamesItsHolderRolesEnvironmentAndCertificate() async throws {
    let exchange = try await IdentityExchange()
    let registrar = try await exchange.staff("registrar-1")
    let issued = try await registrar.tokens.issueToken(
      IdentityV1.IssueTokenRequest(requestID: registrar.requestID(), audience: "catalog"))
    let keys = KeySetView(
      try JSONWebKeySet(
        parsing: try await registrar.tokens.getJwks(IdentityV1.GetJwksRequest()).jwks))
    let verifier = TokenVerifier(audience: "catalog", trustDomain: "test.ndx", keys: keys)
    let fingerprint = registrar.credential.leaf.fingerprint
    let token = try verifier.verify(
      issued.accessToken, presentedWith: fingerprint, at: exchange.time.now)
    #expect(token.participantID == registrar.participantID)
    #expect(token.roles == [.registrar] && token.environment == .live)
    #expect(issued.expireTime == exchange.time.now.adding(seconds: 300))
    #expect(throws: AccessError.tokenInvalid) {
      try verifier.verify(
        issued.accessToken, presentedWith: .sha256(of: "another"), at: exchange.time.now)
    }
    #expect(throws: AccessError.tokenExpired) {
      try verifier.verify(
        issued.accessToken, presentedWith: fingerprint,
        at: exchange.time.now.adding(seconds: 301))
    }
    #expect(throws: AccessError.tokenInvalid) {
      try TokenVerifier(audience: "audit", trustDomain: "test.ndx", keys: keys).verify(
        issued.accessToken, presentedWith: fingerprint, at: exchange.time.now)
    }
    #expect(
      try await refusal {
        try await registrar.tokens.issueToken(
          IdentityV1.IssueTokenRequest(requestID: registrar.requestID(), audience: "elsewhere"))
      } == "AUDIENCE_UNKNOWN")
    await registrar.close()
    await exchange.stop()
  }

  @Test func servicesGetNoTokens() async throws {
    let exchange = try await IdentityExchange()
    let service = try await exchange.party(
      try exchange.bootstrapToken("services/catalog/enrolment"))
    #expect(
      try await refusal {
        try await service.tokens.issueToken(
          IdentityV1.IssueTokenRequest(requestID: service.requestID(), audience: "catalog"))
      } == "ROLE_REQUIRED")
    await service.close()
    await exchange.stop()
  }
}
