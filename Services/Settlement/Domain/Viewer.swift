package import Model

/// Who looks at orders and accounts, and acts on them. What somebody may not see does not exist.
package enum Viewer: Sendable, Hashable {
  /// The exchange's own staff and services: they see everything.
  case exchange
  case participant(ParticipantID)

  /// Roles of the exchange's own staff.
  package static let staffRoles: Set<TypeV1.Role> = [
    .registrar, .securityOfficer, .complianceReviewer, .arbiter, .clearingOfficer, .auditor,
  ]

  package init(_ participant: ParticipantID, roles: Set<TypeV1.Role>) {
    self = roles.isDisjoint(with: Self.staffRoles) ? .participant(participant) : .exchange
  }

  package func sees(_ order: Order) -> Bool {
    switch self {
    case .exchange: true
    case .participant(let id): id == order.terms.consumerID || id == order.terms.providerID
    }
  }

  package func sees(_ account: Account) -> Bool {
    switch self {
    case .exchange: true
    case .participant(let id): id == account.ownerID
    }
  }
}
