package import Crypto
package import Model

/// What an access token says (RFC 9068, bound to a certificate after RFC 8705): a JWT of
/// `typ: at+jwt` with `iss` the SPIFFE id of identity, `sub` the SPIFFE id of the system, `aud` the
/// name of one service, `scope` the roles in lower case ("provider consumer"), `env` the
/// environment ("live", "sandbox") and `cnf.x5t#S256`.
package struct AccessToken: Sendable, Hashable {
  package var participantID: ParticipantID
  package var systemID: SystemID
  package var roles: Set<TypeV1.Role>
  package var environment: TypeV1.Environment
  package var certificateFingerprint: Digest
  package var issuedAt: Timestamp
  package var expires: Timestamp

  package init(
    participantID: ParticipantID, systemID: SystemID, roles: Set<TypeV1.Role>,
    environment: TypeV1.Environment, certificateFingerprint: Digest, issuedAt: Timestamp,
    expires: Timestamp
  ) {
    self.participantID = participantID
    self.systemID = systemID
    self.roles = roles
    self.environment = environment
    self.certificateFingerprint = certificateFingerprint
    self.issuedAt = issuedAt
    self.expires = expires
  }

  /// The `iss` of a trust domain's tokens.
  package static func issuer(in trustDomain: String) -> String {
    SPIFFEID(trustDomain: trustDomain, name: .service("identity")).description
  }

  /// The claims to sign, for one service.
  package func claims(audience: String, trustDomain: String, tokenID: String) -> TokenClaims {
    let subject = SPIFFEID(trustDomain: trustDomain, name: .participant(participantID, systemID))
    let scope = roles.compactMap(Self.scope(of:)).sorted().joined(separator: " ")
    return TokenClaims(
      issuer: Self.issuer(in: trustDomain), subject: subject.description, audience: audience,
      issuedAt: issuedAt, expires: expires, tokenID: tokenID,
      certificateFingerprint: certificateFingerprint,
      additional: [
        "scope": .string(scope), "env": .string(environment == .live ? "live" : "sandbox"),
      ])
  }

  /// Nil when the claims are not those of an access token of this trust domain. Scopes that this
  /// build does not know are dropped.
  package init?(_ claims: TokenClaims, trustDomain: String) {
    guard let subject = SPIFFEID(claims.subject), subject.trustDomain == trustDomain,
      case .participant(let participant, let system) = subject.name,
      let fingerprint = claims.certificateFingerprint,
      let scope = claims.additional["scope"]?.string,
      let environment = claims.additional["env"]?.string.flatMap(Self.environment(named:))
    else { return nil }
    self.init(
      participantID: participant, systemID: system,
      roles: Set(
        scope.split(separator: " ").compactMap {
          TypeV1.Role(protoName: "ROLE_" + $0.uppercased())
        }),
      environment: environment, certificateFingerprint: fingerprint, issuedAt: claims.issuedAt,
      expires: claims.expires)
  }

  private static func scope(of role: TypeV1.Role) -> String? {
    guard role != .unspecified else { return nil }
    return role.protoName.map { $0.dropFirst("ROLE_".count).lowercased() }
  }

  private static func environment(named name: String) -> TypeV1.Environment? {
    switch name {
    case "live": .live
    case "sandbox": .sandbox
    default: nil
    }
  }
}
