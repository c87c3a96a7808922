package import Crypto
package import Model
package import RPC
package import ServiceRuntime

/// A throw-away exchange's trust: a root, an issuing authority and the key that signs tokens. It
/// issues real certificates and real tokens; nothing of the checks is bypassed.
package struct TestAuthority: Sendable {
  package let trustDomain: String
  package let root: CertificateAuthority
  package let issuer: CertificateAuthority
  package let tokenKey: P256PrivateKey
  package var tokenKeyID: String { tokenKey.publicKey.thumbprint }
  package var keys: JSONWebKeySet { JSONWebKeySet(keys: [tokenKeyID: tokenKey.publicKey]) }

  /// Its certificates are valid from an hour before `now` to a day after it, unless the test needs longer.
  package init(
    trustDomain: String = "test.ndx", now: Timestamp = WallClock.system.now(),
    lifetimeSeconds: Int64 = 86_400
  ) throws {
    self.trustDomain = trustDomain
    root = try CertificateAuthority.makeRoot(
      name: "Test root", notBefore: now.adding(seconds: -3_600),
      notAfter: now.adding(seconds: lifetimeSeconds))
    issuer = try root.makeIntermediate(
      name: "Test issuer", notBefore: now.adding(seconds: -3_600),
      notAfter: now.adding(seconds: lifetimeSeconds))
    tokenKey = try P256PrivateKey.generate()
  }

  /// A credential for a name, valid from a minute before `now` for `lifetimeSeconds`.
  package func credential(
    for name: SPIFFEID.Name, now: Timestamp = WallClock.system.now(),
    lifetimeSeconds: Int64 = 3_600, key: P256PrivateKey? = nil
  ) throws -> Credential {
    let key = try key ?? P256PrivateKey.generate()
    let leaf = try issuer.issueLeaf(
      publicKey: PublicKey(key.publicKey),
      spiffeID: SPIFFEID(trustDomain: trustDomain, name: name).description,
      hosts: ["localhost", "127.0.0.1"], notBefore: now.adding(seconds: -60),
      notAfter: now.adding(seconds: lifetimeSeconds))
    return try Credential(
      key: key, chain: [leaf, issuer.certificate], anchors: [root.certificate])
  }

  /// An access token for one service, bound to the caller's certificate.
  package func token(
    for caller: TestCaller, audience: String, now: Timestamp = WallClock.system.now(),
    lifetimeSeconds: Int64 = 300
  ) throws -> String {
    let token = AccessToken(
      participantID: caller.participantID, systemID: caller.systemID, roles: caller.roles,
      environment: caller.environment, certificateFingerprint: caller.credential.leaf.fingerprint,
      issuedAt: now, expires: now.adding(seconds: lifetimeSeconds))
    return try JSONWebToken.sign(
      token.claims(
        audience: audience, trustDomain: trustDomain, tokenID: SystemID.make(at: now).description),
      type: JSONWebToken.accessTokenType, keyID: tokenKeyID, key: tokenKey)
  }

  /// A participant's system with a certificate of its own and the roles its tokens will say.
  package func caller(
    _ roles: Set<TypeV1.Role> = [], participant: ParticipantID? = nil,
    environment: TypeV1.Environment = .live, now: Timestamp = WallClock.system.now(),
    lifetimeSeconds: Int64 = 3_600
  ) throws -> TestCaller {
    let participant = participant ?? ParticipantID.make(at: now)
    let system = SystemID.make(at: now)
    return TestCaller(
      participantID: participant, systemID: system, roles: roles, environment: environment,
      credential: try credential(
        for: .participant(participant, system), now: now, lifetimeSeconds: lifetimeSeconds))
  }
}

/// A participant's system that calls services in tests.
package struct TestCaller: Sendable {
  package let participantID: ParticipantID
  package let systemID: SystemID
  package var roles: Set<TypeV1.Role>
  package var environment: TypeV1.Environment
  package let credential: Credential

  /// This caller as a handler sees it, to call handlers without a server.
  package var authenticated: Caller {
    .participant(
      ParticipantCaller(
        participantID: participantID, systemID: systemID, roles: roles, environment: environment,
        certificateFingerprint: credential.leaf.fingerprint))
  }
}
