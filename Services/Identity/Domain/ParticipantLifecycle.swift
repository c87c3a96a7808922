package import Model

/// The state machine of participations:
/// `APPLIED → VERIFIED → ACTIVE ⇄ SUSPENDED → TERMINATED`, `APPLIED | VERIFIED → REJECTED`.
extension Participant {
  /// An application, in APPLIED. Throws when the kind may not hold one of the roles asked for.
  package static func applying(
    id: ParticipantID, kind: IdentityV1.ParticipantKind, environment: TypeV1.Environment,
    name: TypeV1.LocalizedText, legalID: String, jurisdiction: String, roles: Set<TypeV1.Role>,
    at now: Timestamp
  ) throws(IdentityError) -> Participant {
    guard kind != .operator else { throw .kindNotRegistrable }
    for role in roles.sorted(by: { $0.rawValue < $1.rawValue }) {
      guard RoleRules.applicable.contains(role) else { throw .roleNotApplicable(role) }
      try RoleRules.requireFit(role, for: kind)
    }
    return Participant(
      id: id, kind: kind, environment: environment, name: name, legalID: legalID,
      jurisdiction: jurisdiction, roles: roles, state: .applied, createTime: now, updateTime: now)
  }

  package mutating func verify(
    by registrar: ParticipantID, evidence: String, at now: Timestamp
  ) throws(IdentityError) {
    try move(from: [.applied], to: .verified, at: now)
    verifiedBy = registrar
    self.evidence = evidence
  }

  /// Whoever verified may not also approve: an admission takes two people.
  package mutating func approve(
    by registrar: ParticipantID, at now: Timestamp
  ) throws(IdentityError) {
    guard state != .verified || verifiedBy != registrar else { throw .secondPersonRequired }
    try move(from: [.verified], to: .active, at: now)
    roles.insert(.organisationAdmin)
  }

  package mutating func reject(reason: String, at now: Timestamp) throws(IdentityError) {
    try move(from: [.applied, .verified], to: .rejected, at: now)
    self.reason = reason
  }

  package mutating func suspend(reason: String, at now: Timestamp) throws(IdentityError) {
    try move(from: [.active], to: .suspended, at: now)
    self.reason = reason
  }

  package mutating func reinstate(reason: String, at now: Timestamp) throws(IdentityError) {
    try move(from: [.suspended], to: .active, at: now)
    self.reason = reason
  }

  package mutating func terminate(reason: String, at now: Timestamp) throws(IdentityError) {
    try move(from: [.active, .suspended], to: .terminated, at: now)
    self.reason = reason
  }

  private mutating func move(
    from allowed: Set<IdentityV1.ParticipantState>, to next: IdentityV1.ParticipantState,
    at now: Timestamp
  ) throws(IdentityError) {
    guard allowed.contains(state) else { throw .illegalTransition(from: state, to: next) }
    state = next
    updateTime = now
  }
}
