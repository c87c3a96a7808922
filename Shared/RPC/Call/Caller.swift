package import Model

/// Who a call is from, once the authentication interceptor has decided. Never taken from a message.
package enum Caller: Sendable, Hashable {
  /// No certificate, or not yet authenticated.
  case anonymous
  /// A service of the exchange, by the name in its certificate.
  case service(name: String)
  case participant(ParticipantCaller)
}

/// A participant's system, by its certificate and the access token bound to it.
package struct ParticipantCaller: Sendable, Hashable {
  package let participantID: ParticipantID
  package let systemID: SystemID
  /// Roles from the token; empty when the method needs the certificate alone.
  package let roles: Set<TypeV1.Role>
  package let environment: TypeV1.Environment
  package let certificateFingerprint: Digest

  package init(
    participantID: ParticipantID, systemID: SystemID, roles: Set<TypeV1.Role>,
    environment: TypeV1.Environment, certificateFingerprint: Digest
  ) {
    self.participantID = participantID
    self.systemID = systemID
    self.roles = roles
    self.environment = environment
    self.certificateFingerprint = certificateFingerprint
  }
}
