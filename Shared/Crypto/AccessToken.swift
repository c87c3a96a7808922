package import Model

/// The right of a participant's system to call one service, as the JWT (RFC 9068, RFC 8705) between
/// identity, which signs it, and the services, which check it offline.
///
/// Claims: `sub` the participant, `client_id` its system, `aud` the service, `scope` the roles in lower
/// case without their prefix ("provider consumer"), `environment` ("live"), `cnf.x5t#S256` the certificate.
package struct AccessToken: Sendable, Hashable {
  /// `iss` of the token.
  package static let issuer = "identity"
  /// Life of a token in seconds.
  package static let lifetimeSeconds: Int64 = 300

  package var id: String
  package var participantID: ParticipantID
  package var systemID: SystemID
  /// The service it is for: "settlement".
  package var audience: String
  /// Roles by their names in the protos: "ROLE_PROVIDER".
  package var roleNames: Set<String>
  /// Environment by its name in the protos: "ENVIRONMENT_LIVE".
  package var environmentName: String
  /// The one certificate that may present the token.
  package var certificateFingerprint: Digest
  package var issuedAt: Timestamp
  package var expires: Timestamp

  package init(
    id: String, participantID: ParticipantID, systemID: SystemID, audience: String,
    roleNames: Set<String>, environmentName: String, certificateFingerprint: Digest,
    issuedAt: Timestamp, expires: Timestamp
  ) {
    self.id = id
    self.participantID = participantID
    self.systemID = systemID
    self.audience = audience
    self.roleNames = roleNames
    self.environmentName = environmentName
    self.certificateFingerprint = certificateFingerprint
    self.issuedAt = issuedAt
    self.expires = expires
  }

  package func signed(by key: P256PrivateKey, keyID: String) throws -> String {
    let scope = roleNames.map { Self.short($0, without: "ROLE_") }.sorted()
    let claims = TokenClaims(
      issuer: Self.issuer, subject: participantID.description, audience: audience,
      issuedAt: issuedAt, expires: expires, tokenID: id,
      certificateFingerprint: certificateFingerprint,
      additional: [
        "client_id": .string(systemID.description),
        "scope": .string(scope.joined(separator: " ")),
        "environment": .string(Self.short(environmentName, without: "ENVIRONMENT_")),
      ])
    return try JSONWebToken.sign(
      claims, type: JSONWebToken.accessTokenType, keyID: keyID, key: key)
  }

  /// Checks signature, type, issuer, audience and times, and reads the claims. Throws
  /// `CryptoError.tokenRefused` naming the rule that failed. Whether the certificate that presents
  /// the token is the one it names is for the caller to compare.
  package static func verify(
    _ token: some StringProtocol, audience: String, keys: JSONWebKeySet, at now: Timestamp
  ) throws -> AccessToken {
    let expected = JSONWebToken.Expectation(
      type: JSONWebToken.accessTokenType, issuer: issuer, audience: audience)
    let claims = try JSONWebToken.verify(token, expecting: expected, keys: keys, at: now)
    guard let participant = ParticipantID(claims.subject),
      let system = claims.additional["client_id"]?.string.flatMap({ SystemID($0) }),
      let scope = claims.additional["scope"]?.string,
      let environment = claims.additional["environment"]?.string,
      let fingerprint = claims.certificateFingerprint
    else { throw CryptoError.tokenRefused("sub, client_id, scope, environment or cnf") }
    return AccessToken(
      id: claims.tokenID, participantID: participant, systemID: system, audience: audience,
      roleNames: Set(scope.split(separator: " ").map { "ROLE_" + $0.uppercased() }),
      environmentName: "ENVIRONMENT_" + environment.uppercased(),
      certificateFingerprint: fingerprint, issuedAt: claims.issuedAt, expires: claims.expires)
  }

  private static func short(_ name: String, without prefix: String) -> String {
    (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name).lowercased()
  }
}
