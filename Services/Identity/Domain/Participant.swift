package import Model

/// A legal or natural person that takes part in the exchange.
package struct Participant: Sendable, Hashable {
  package let id: ParticipantID
  package let kind: IdentityV1.ParticipantKind
  package let environment: TypeV1.Environment
  package let name: TypeV1.LocalizedText
  package let legalID: String
  /// ISO 3166-1 alpha-2.
  package let jurisdiction: String
  package var roles: Set<TypeV1.Role>
  package var state: IdentityV1.ParticipantState
  /// Who stated that the applicant is who it says.
  package var verifiedBy: ParticipantID?
  /// What was checked.
  package var evidence: String
  /// Why it was rejected, suspended, reinstated or terminated, by the latest decision.
  package var reason: String
  package let createTime: Timestamp
  package var updateTime: Timestamp

  package init(
    id: ParticipantID, kind: IdentityV1.ParticipantKind, environment: TypeV1.Environment,
    name: TypeV1.LocalizedText, legalID: String, jurisdiction: String, roles: Set<TypeV1.Role>,
    state: IdentityV1.ParticipantState, verifiedBy: ParticipantID? = nil, evidence: String = "",
    reason: String = "", createTime: Timestamp, updateTime: Timestamp
  ) {
    self.id = id
    self.kind = kind
    self.environment = environment
    self.name = name
    self.legalID = legalID
    self.jurisdiction = jurisdiction
    self.roles = roles
    self.state = state
    self.verifiedBy = verifiedBy
    self.evidence = evidence
    self.reason = reason
    self.createTime = createTime
    self.updateTime = updateTime
  }

  /// Throws `participantNotActive` unless the participant may act now.
  package func requireActive() throws(IdentityError) {
    guard state == .active else { throw .participantNotActive(state) }
  }

  /// Why it cannot move on, as a stable reason; empty when nothing blocks it.
  package var blockedBy: String {
    switch state {
    case .applied: "VERIFICATION_PENDING"
    case .verified: "APPROVAL_PENDING"
    case .suspended: "SUSPENDED"
    default: ""
    }
  }

  /// Who moves it on.
  package var nextActor: TypeV1.Actor {
    switch state {
    case .applied, .verified, .suspended: .registrar
    default: .unspecified
    }
  }
}
