import Crypto
import Model
import Testing

@Suite struct JSONWebTokenTests {
  static let now = Timestamp(microseconds: 1_790_000_000_000_000)
  static let expectation = JSONWebToken.Expectation(
    type: "at+jwt", issuer: "https://identity.ndx.test", audience: "settlement")
  let key: P256PrivateKey
  let keys: JSONWebKeySet
  let claims: TokenClaims

  init() throws {
    key = try .generate()
    keys = JSONWebKeySet(keys: ["k1": key.publicKey])
    claims = TokenClaims(
      issuer: "https://identity.ndx.test", subject: "p/1", audience: "settlement",
      issuedAt: Self.now, notBefore: Self.now, expires: Self.now.adding(seconds: 300),
      tokenID: "t1", certificateFingerprint: .sha256(of: "certificate"),
      additional: ["scope": .string("consumer live")])
  }

  func sign(_ claims: TokenClaims? = nil, type: String = "at+jwt") throws -> String {
    try JSONWebToken.sign(claims ?? self.claims, type: type, keyID: "k1", key: key)
  }

  /// A token with any header and payload under a true signature.
  func token(header: String, payload: String? = nil) throws -> String {
    let payload =
      payload
      ?? #"{"iss":"https://identity.ndx.test","sub":"s","aud":"settlement","iat":1790000000,"exp":1790000300,"jti":"t"}"#
    let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    return signed + "." + Base64URL.encode(try key.sign(signed.utf8))
  }

  func verify(_ token: String, afterSeconds seconds: Int64 = 1) throws -> TokenClaims {
    try JSONWebToken.verify(
      token, expecting: Self.expectation, keys: keys, at: Self.now.adding(seconds: seconds))
  }

  func expectRefusal(_ rule: String, _ token: String, afterSeconds: Int64 = 1) {
    #expect(throws: CryptoError.tokenRefused(rule)) {
      try verify(token, afterSeconds: afterSeconds)
    }
  }

  @Test func aSignedTokenReturnsItsClaims() throws {
    #expect(try verify(sign()) == claims)
  }

  @Test func timesAreEnforced() throws {
    _ = try verify(sign(), afterSeconds: 299)
    expectRefusal("expired", try sign(), afterSeconds: 300)
    _ = try verify(sign(), afterSeconds: -30)
    expectRefusal("iat", try sign(), afterSeconds: -31)
    var later = claims
    later.notBefore = Self.now.adding(seconds: 100)
    expectRefusal("nbf", try sign(later), afterSeconds: 69)
    _ = try verify(sign(later), afterSeconds: 70)
  }

  @Test func anotherIssuerAudienceOrTypeIsRefused() throws {
    var other = claims
    other.audience = "catalog"
    expectRefusal("aud", try sign(other))
    other = claims
    other.issuer = "https://evil.test"
    expectRefusal("iss", try sign(other))
    expectRefusal("typ", try sign(type: "JWT"))
    expectRefusal("typ", try token(header: #"{"alg":"ES256","kid":"k1"}"#))
  }

  @Test(arguments: [
    (#"{"alg":"none","kid":"k1","typ":"at+jwt"}"#, "alg"),
    (#"{"alg":"HS256","kid":"k1","typ":"at+jwt"}"#, "alg"),
    (#"{"alg":"es256","kid":"k1","typ":"at+jwt"}"#, "alg"),
    (#"{"alg":"ES256","typ":"at+jwt"}"#, "kid"),
    (#"{"alg":"ES256","kid":"","typ":"at+jwt"}"#, "kid"),
    (#"{"alg":"ES256","kid":["k1"],"typ":"at+jwt"}"#, "kid"),
    (#"{"alg":"ES256","kid":"k2","typ":"at+jwt"}"#, "unknown key"),
    (#"{"alg":"ES256","kid":"../k1","typ":"at+jwt"}"#, "unknown key"),
    (
      #"{"alg":"ES256","kid":"k1","typ":"at+jwt","crit":["b64"]}"#,
      "a header beside alg, kid and typ"
    ),
    (
      #"{"alg":"ES256","kid":"k1","typ":"at+jwt","jwk":{}}"#, "a header beside alg, kid and typ"
    ),
    (
      #"{"alg":"ES256","kid":"k1","typ":"at+jwt","jku":"https://x"}"#,
      "a header beside alg, kid and typ"
    ),
    (#"{"alg":"none","alg":"ES256","kid":"k1","typ":"at+jwt"}"#, "not JSON in base64url"),
    (#"["ES256"]"#, "the header is no object"),
  ])
  func headersBesideTheExpectedOneAreRefused(header: String, rule: String) throws {
    expectRefusal(rule, try token(header: header))
  }

  @Test(arguments: [
    #"{}"#,
    #"{"iss":"https://identity.ndx.test","sub":"s","aud":"settlement","iat":1790000000,"jti":"t"}"#,
    #"{"iss":"https://identity.ndx.test","sub":"s","aud":["settlement"],"iat":1790000000,"exp":1790000300,"jti":"t"}"#,
  ])
  func missingOrMistypedClaimsAreRefused(payload: String) throws {
    let token = try token(header: #"{"alg":"ES256","kid":"k1","typ":"at+jwt"}"#, payload: payload)
    expectRefusal("a required claim is missing or of another type", token)
  }

  @Test func tamperedTokensAreRefused() throws {
    let parts = try sign().split(separator: ".")
    expectRefusal("the signature is not valid", "\(parts[0]).\(parts[1]).")
    expectRefusal("the signature is not valid", "\(parts[0]).\(parts[1]).\(parts[2])=")
    expectRefusal("not three parts", "\(parts[0]).\(parts[1])")
    expectRefusal("not three parts", "")
    var payload = try #require(Base64URL.decode(parts[1]))
    payload[10] ^= 1
    expectRefusal(
      "the signature is not valid", "\(parts[0]).\(Base64URL.encode(payload)).\(parts[2])")
    expectRefusal("too large", String(repeating: "a", count: 5000))
    expectRefusal("not JSON in base64url", "\(parts[0]) .\(parts[1]).\(parts[2])")
  }

  @Test func aTokenOfAnotherKeyUnderTheSameIDIsRefused() throws {
    let other = try P256PrivateKey.generate()
    expectRefusal(
      "the signature is not valid",
      try JSONWebToken.sign(claims, type: "at+jwt", keyID: "k1", key: other))
  }

  @Test func keySetsRoundTripAndBrokenOnesAreRefused() throws {
    #expect(try JSONWebKeySet(parsing: keys.text) == keys)
    let rsa = #"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"r"}]}"#
    #expect(try JSONWebKeySet(parsing: rsa).keys.isEmpty)
    for text in ["", "[]", #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"a"}]}"#] {
      #expect(throws: CryptoError.self) { try JSONWebKeySet(parsing: text) }
    }
    let item = String(keys.text.dropFirst(9).dropLast(2))
    #expect(throws: CryptoError.self) {
      try JSONWebKeySet(parsing: "{\"keys\":[\(item),\(item)]}")
    }
  }
}
