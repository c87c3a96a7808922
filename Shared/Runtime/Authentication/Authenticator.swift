package import Model
package import RPC

/// Decides who calls and whether they may: on every call, never per connection, and refusing by
/// default. What a method allows is declared beside it in the protos (`ndx.access.v1.access`).
package struct Authenticator: ServerInterceptor {
  private let trustDomain: String
  private let revocations: RevocationView
  private let tokens: TokenVerifier
  private let clock: WallClock

  package init(
    service: String, trustDomain: String, revocations: RevocationView, keys: KeySetView,
    clock: WallClock = .system
  ) {
    self.trustDomain = trustDomain
    self.revocations = revocations
    self.clock = clock
    tokens = TokenVerifier(audience: service, trustDomain: trustDomain, keys: keys)
  }

  /// Sets `context.caller`. Throws `AccessError`.
  package func before(_ context: inout CallContext) throws {
    let access = AccessRule(context.method)
    guard let certificate = context.peer.certificate else {
      guard access.allowsAnonymous else { throw AccessError.certificateRequired }
      return
    }
    let now = clock.now()
    guard now <= certificate.notAfter else { throw AccessError.certificateExpired }
    guard access.isBuiltIn || !revocations.isStale else { throw AccessError.revocationViewStale }
    guard let id = certificate.name, id.trustDomain == trustDomain
    else { throw AccessError.certificateUnknown }
    guard !revocations.isRevoked(certificate, of: id.name) else {
      throw AccessError.credentialRevoked
    }
    switch id.name {
    case .service(let name):
      context.caller = .service(name: name)
    case .participant(let participant, let system):
      let token = try token(of: context, certificate, participant, system, now)
      context.caller = .participant(
        ParticipantCaller(
          participantID: participant, systemID: system, roles: token?.roles ?? [],
          environment: token?.environment ?? .unspecified,
          certificateFingerprint: certificate.fingerprint))
      try access.check(hasToken: token != nil, roles: token?.roles ?? [])
      return
    }
    try access.check(context.caller)
  }

  /// Nil when the caller sent none.
  private func token(
    of context: CallContext, _ certificate: PeerCertificate, _ participant: ParticipantID,
    _ system: SystemID, _ now: Timestamp
  ) throws(AccessError) -> AccessToken? {
    let values = context.metadata.all("authorization")
    guard let value = values.first else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw .tokenInvalid
    }
    let token = try tokens.verify(
      parts[1], presentedWith: certificate.fingerprint, at: now)
    guard token.participantID == participant, token.systemID == system else { throw .tokenInvalid }
    guard
      !revocations.isTokenRevoked(
        participant: participant, system: system, serial: certificate.serial,
        issued: token.issuedAt)
    else { throw .credentialRevoked }
    return token
  }
}
