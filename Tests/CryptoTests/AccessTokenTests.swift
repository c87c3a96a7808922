import Crypto
import Model
import Testing

@Suite struct AccessTokenTests {
  static let now = Timestamp(microseconds: 1_790_000_000_000_000)

  @Test func aTokenReturnsWhatWasSigned() throws {
    let key = try P256PrivateKey.generate()
    let token = AccessToken(
      id: "t1", participantID: .make(at: Self.now), systemID: .make(at: Self.now),
      audience: "catalog", roleNames: ["ROLE_PROVIDER", "ROLE_ORGANISATION_ADMIN"],
      environmentName: "ENVIRONMENT_SANDBOX", certificateFingerprint: .sha256(of: "c"),
      issuedAt: Self.now, expires: Self.now.adding(seconds: AccessToken.lifetimeSeconds))
    let text = try token.signed(by: key, keyID: "k")
    let keys = JSONWebKeySet(keys: ["k": key.publicKey])
    #expect(try AccessToken.verify(text, audience: "catalog", keys: keys, at: Self.now) == token)
    #expect(throws: CryptoError.tokenRefused("aud")) {
      try AccessToken.verify(text, audience: "audit", keys: keys, at: Self.now)
    }
    let payload = try #require(Base64URL.decode(text.split(separator: ".")[1]))
    let claims = try JSON(parsing: payload)
    #expect(claims["scope"] == .string("organisation_admin provider"))
    #expect(claims["environment"] == .string("sandbox"))
  }

  @Test func aGrantIsNoAccessToken() throws {
    let key = try P256PrivateKey.generate()
    let text = try JSONWebToken.sign(
      TokenClaims(
        issuer: AccessToken.issuer, subject: "s", audience: "catalog", issuedAt: Self.now,
        expires: Self.now.adding(seconds: 60), tokenID: "t"),
      type: DeliveryGrant.tokenType, keyID: "k", key: key)
    #expect(throws: CryptoError.tokenRefused("typ")) {
      try AccessToken.verify(
        text, audience: "catalog", keys: JSONWebKeySet(keys: ["k": key.publicKey]), at: Self.now)
    }
  }
}
