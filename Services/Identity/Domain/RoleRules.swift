package import Model

/// Who may hold and hand out which role.
package enum RoleRules {
  /// Roles of the exchange's own staff.
  package static let staff: Set<TypeV1.Role> = [
    .registrar, .securityOfficer, .complianceReviewer, .arbiter, .clearingOfficer, .auditor,
  ]
  /// Roles that an applicant may ask for.
  package static let applicable: Set<TypeV1.Role> = [.provider, .consumer, .citizen]

  /// Throws unless participants of this kind may hold the role: staff roles are for operators alone and
  /// operators hold no others; CITIZEN is for citizens, who do not provide.
  package static func requireFit(
    _ role: TypeV1.Role, for kind: IdentityV1.ParticipantKind
  ) throws(IdentityError) {
    let fits =
      switch role {
      case .provider: kind != .operator && kind != .citizen
      case .consumer, .organisationAdmin: kind != .operator
      case .citizen: kind == .citizen
      default: staff.contains(role) && kind == .operator
      }
    guard fits else { throw .roleNotFit(role) }
  }
}

extension Participant {
  /// Gives the participant a role. Nobody gives one to themselves.
  package mutating func bind(
    _ role: TypeV1.Role, by registrar: ParticipantID, at now: Timestamp
  ) throws(IdentityError) {
    guard registrar != id else { throw .ownRoles }
    try requireActive()
    try RoleRules.requireFit(role, for: kind)
    guard roles.insert(role).inserted else { throw .roleAlreadyBound(role) }
    updateTime = now
  }

  package mutating func unbind(
    _ role: TypeV1.Role, by registrar: ParticipantID, at now: Timestamp
  ) throws(IdentityError) {
    guard registrar != id else { throw .ownRoles }
    guard roles.remove(role) != nil else { throw .roleNotBound(role) }
    updateTime = now
  }

  /// Whether the participant belongs to the exchange's staff.
  package var isStaff: Bool { !roles.isDisjoint(with: RoleRules.staff) }
}
