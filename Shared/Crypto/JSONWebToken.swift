package import Model

/// Compact JWS tokens (RFC 7515, 7519) with ES256 alone and a header of exactly alg, kid and typ
/// (RFC 8725: nothing in the token chooses how it is verified).
package enum JSONWebToken {
  /// `typ` of access tokens (RFC 9068).
  package static let accessTokenType = "at+jwt"
  /// Longest token accepted, in bytes.
  package static let limit = 4096

  package static func sign(
    _ claims: TokenClaims, type: String, keyID: String, key: P256PrivateKey
  ) throws -> String {
    let header = JSON.object([
      "alg": .string("ES256"), "kid": .string(keyID), "typ": .string(type),
    ])
    let signed =
      Base64URL.encode(Array(header.text.utf8)) + "."
      + Base64URL.encode(Array(claims.json.text.utf8))
    let token = signed + "." + Base64URL.encode(try key.sign(signed.utf8))
    guard token.utf8.count <= limit else { throw CryptoError.malformed("token: too large") }
    return token
  }

  /// What a verifier expects of a token.
  package struct Expectation: Sendable {
    package var type: String
    package var issuer: String
    package var audience: String
    /// Difference tolerated between the clocks of issuer and verifier, for `iat` and `nbf` only.
    package var leewaySeconds: Int64 = 30

    package init(type: String, issuer: String, audience: String, leewaySeconds: Int64 = 30) {
      self.type = type
      self.issuer = issuer
      self.audience = audience
      self.leewaySeconds = leewaySeconds
    }
  }

  /// Returns the claims of a valid token. Throws `CryptoError.tokenRefused` naming the rule that failed.
  /// The caller compares `certificateFingerprint` with the certificate that presented the token.
  package static func verify(
    _ token: some StringProtocol, expecting expected: Expectation, keys: JSONWebKeySet,
    at now: Timestamp
  ) throws -> TokenClaims {
    guard token.utf8.count <= limit else { throw CryptoError.tokenRefused("too large") }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw CryptoError.tokenRefused("not three parts") }
    let keyID = try checkHeader(parts[0], type: expected.type)
    guard let key = keys[keyID] else { throw CryptoError.tokenRefused("unknown key") }
    guard let signature = Base64URL.decode(parts[2]),
      key.isValid(signature: signature, for: token.utf8.dropLast(parts[2].utf8.count + 1))
    else { throw CryptoError.tokenRefused("the signature is not valid") }
    let claims = try TokenClaims(json: json(parts[1]))
    try check(claims, against: expected, at: now)
    return claims
  }

  private static func json(_ part: some StringProtocol) throws -> JSON {
    guard let bytes = Base64URL.decode(part), let value = try? JSON(parsing: bytes) else {
      throw CryptoError.tokenRefused("not JSON in base64url")
    }
    return value
  }

  private static func checkHeader(_ part: some StringProtocol, type: String) throws -> String {
    guard case .object(let header) = try json(part) else {
      throw CryptoError.tokenRefused("the header is no object")
    }
    guard header["alg"]?.string == "ES256" else { throw CryptoError.tokenRefused("alg") }
    guard header["typ"]?.string == type else { throw CryptoError.tokenRefused("typ") }
    guard let keyID = header["kid"]?.string, (1...64).contains(keyID.utf8.count) else {
      throw CryptoError.tokenRefused("kid")
    }
    guard header.count == 3 else {
      throw CryptoError.tokenRefused("a header beside alg, kid and typ")
    }
    return keyID
  }

  private static func check(
    _ claims: TokenClaims, against expected: Expectation, at now: Timestamp
  ) throws {
    guard claims.issuer == expected.issuer else { throw CryptoError.tokenRefused("iss") }
    guard claims.audience == expected.audience else { throw CryptoError.tokenRefused("aud") }
    guard now < claims.expires else { throw CryptoError.tokenRefused("expired") }
    let latest = now.adding(seconds: expected.leewaySeconds)
    guard claims.issuedAt <= latest, claims.issuedAt < claims.expires else {
      throw CryptoError.tokenRefused("iat")
    }
    if let notBefore = claims.notBefore, notBefore > latest {
      throw CryptoError.tokenRefused("nbf")
    }
  }
}
