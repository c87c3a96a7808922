import Crypto
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct TokenVerifierTests {
  private let authority: TestAuthority
  private let caller: TestCaller
  private let keys: KeySetView
  private let verifier: TokenVerifier
  private let now = WallClock.system.now()

  init() throws {
    authority = try TestAuthority()
    caller = try authority.caller([.provider, .consumer], environment: .sandbox)
    keys = KeySetView(authority.keys)
    verifier = TokenVerifier(
      audience: "catalog", trustDomain: authority.trustDomain, keys: keys)
  }

  @Test func aTokenSaysRolesAndEnvironment() throws {
    let text = try authority.token(for: caller, audience: "catalog", now: now)
    for _ in 0..<2 {
      let token = try verifier.verify(
        text, presentedWith: caller.credential.leaf.fingerprint, at: now)
      #expect(token.roles == [.provider, .consumer])
      #expect(token.environment == .sandbox)
      #expect(token.participantID == caller.participantID)
      #expect(token.systemID == caller.systemID)
    }
  }

  @Test func aRememberedTokenIsStillBoundToItsCertificate() throws {
    let text = try authority.token(for: caller, audience: "catalog", now: now)
    _ = try verifier.verify(text, presentedWith: caller.credential.leaf.fingerprint, at: now)
    let other = try authority.caller()
    #expect(throws: AccessError.tokenInvalid) {
      try verifier.verify(text, presentedWith: other.credential.leaf.fingerprint, at: now)
    }
  }

  @Test func aRememberedTokenExpires() throws {
    let text = try authority.token(for: caller, audience: "catalog", now: now)
    let fingerprint = caller.credential.leaf.fingerprint
    _ = try verifier.verify(text, presentedWith: fingerprint, at: now)
    #expect(throws: AccessError.tokenExpired) {
      try verifier.verify(text, presentedWith: fingerprint, at: now.adding(seconds: 300))
    }
  }

  @Test func aKeyThatIsWithdrawnTakesItsTokensAlong() throws {
    let text = try authority.token(for: caller, audience: "catalog", now: now)
    let fingerprint = caller.credential.leaf.fingerprint
    _ = try verifier.verify(text, presentedWith: fingerprint, at: now)
    keys.update(JSONWebKeySet(keys: [:]))
    #expect(throws: AccessError.tokenInvalid) {
      try verifier.verify(text, presentedWith: fingerprint, at: now)
    }
  }
}
