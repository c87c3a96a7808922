package import Model

/// What a token says. Times are whole seconds (RFC 7519 NumericDate).
package struct TokenClaims: Sendable, Hashable {
  package var issuer: String
  package var subject: String
  package var audience: String
  package var issuedAt: Timestamp
  package var notBefore: Timestamp?
  package var expires: Timestamp
  package var tokenID: String
  /// `cnf.x5t#S256` (RFC 8705): the digest of the one certificate that may present the token.
  package var certificateFingerprint: Digest?
  /// Claims of this kind of token beside the registered ones above, which it must not repeat.
  package var additional: [String: JSON]

  package init(
    issuer: String, subject: String, audience: String, issuedAt: Timestamp,
    notBefore: Timestamp? = nil, expires: Timestamp, tokenID: String,
    certificateFingerprint: Digest? = nil, additional: [String: JSON] = [:]
  ) {
    self.issuer = issuer
    self.subject = subject
    self.audience = audience
    self.issuedAt = issuedAt
    self.notBefore = notBefore
    self.expires = expires
    self.tokenID = tokenID
    self.certificateFingerprint = certificateFingerprint
    self.additional = additional
  }

  var json: JSON {
    var members = additional
    members["iss"] = .string(issuer)
    members["sub"] = .string(subject)
    members["aud"] = .string(audience)
    members["iat"] = .integer(Int64(ASN1.seconds(issuedAt)))
    members["exp"] = .integer(Int64(ASN1.seconds(expires)))
    members["jti"] = .string(tokenID)
    if let notBefore { members["nbf"] = .integer(Int64(ASN1.seconds(notBefore))) }
    if let certificateFingerprint {
      members["cnf"] = .object([
        "x5t#S256": .string(Base64URL.encode(certificateFingerprint.bytes))
      ])
    }
    return .object(members)
  }

  init(json: JSON) throws {
    guard case .object(var members) = json, let issuer = members.removeValue(forKey: "iss")?.string,
      let subject = members.removeValue(forKey: "sub")?.string,
      let audience = members.removeValue(forKey: "aud")?.string,
      let issuedAt = try Self.time(members.removeValue(forKey: "iat")),
      let expires = try Self.time(members.removeValue(forKey: "exp")),
      let tokenID = members.removeValue(forKey: "jti")?.string
    else { throw CryptoError.tokenRefused("a required claim is missing or of another type") }
    self.issuer = issuer
    self.subject = subject
    self.audience = audience
    self.issuedAt = issuedAt
    self.expires = expires
    self.tokenID = tokenID
    notBefore = try Self.time(members.removeValue(forKey: "nbf"))
    if let confirmation = members.removeValue(forKey: "cnf") {
      guard case .object(let methods) = confirmation, methods.count == 1,
        let digest = methods["x5t#S256"]?.string.flatMap({ Base64URL.decode($0) })
          .flatMap({ Digest(bytes: $0) })
      else { throw CryptoError.tokenRefused("cnf is not one x5t#S256") }
      certificateFingerprint = digest
    }
    additional = members
  }

  private static func time(_ value: JSON?) throws -> Timestamp? {
    guard let value else { return nil }
    guard let seconds = value.integer, (0...253_402_300_799).contains(seconds) else {
      throw CryptoError.tokenRefused("a time is not a NumericDate")
    }
    return Timestamp(microseconds: seconds * 1_000_000)
  }
}
