package import Model

/// Everything identity refuses by a rule of its own.
package enum IdentityError: DomainError, Hashable {
  case participantNotFound
  case legalIDTaken
  case kindNotRegistrable
  case illegalTransition(from: IdentityV1.ParticipantState, to: IdentityV1.ParticipantState)
  case secondPersonRequired
  case participantNotActive(IdentityV1.ParticipantState)
  case notYourParticipant
  case roleNotApplicable(TypeV1.Role)
  case roleNotFit(TypeV1.Role)
  case roleAlreadyBound(TypeV1.Role)
  case roleNotBound(TypeV1.Role)
  case ownRoles
  case staffEnrolment
  case enrolmentTokenUnknown
  case enrolmentTokenUsed
  case enrolmentTokenExpired
  case signingRequestInvalid
  case keyNotAcceptable
  case hostNotValid(index: Int)
  case lifetimeOutOfRange
  case credentialNotFound
  case credentialAlreadyRevoked
  case credentialNotRenewable
  case audienceUnknown
  case tooManyAttempts
  case noIssuer
  case epochUnknown
  /// The routing table is not sound; which of its partitions shows it.
  case routing(RoutingRule.Fault, index: Int)
  /// Somebody else has set the table since it was read.
  case routingVersionStale(current: Int64)
  case consent(ConsentRule)

  package static var domain: String { "ndx.identity" }

  package var status: StatusCode {
    switch self {
    case .participantNotFound, .credentialNotFound, .roleNotBound: .notFound
    case .legalIDTaken, .roleAlreadyBound: .alreadyExists
    case .illegalTransition, .secondPersonRequired, .participantNotActive, .roleNotFit,
      .enrolmentTokenUsed, .enrolmentTokenExpired, .credentialAlreadyRevoked,
      .credentialNotRenewable, .routingVersionStale:
      .failedPrecondition
    case .notYourParticipant, .ownRoles, .staffEnrolment: .permissionDenied
    case .epochUnknown: .outOfRange
    case .enrolmentTokenUnknown: .unauthenticated
    case .kindNotRegistrable, .roleNotApplicable, .signingRequestInvalid, .keyNotAcceptable,
      .hostNotValid, .lifetimeOutOfRange, .audienceUnknown, .routing:
      .invalidArgument
    case .tooManyAttempts: .resourceExhausted
    case .noIssuer: .unavailable
    case .consent(let rule): rule.status
    }
  }

  package var reason: String {
    switch self {
    case .participantNotFound: "PARTICIPANT_NOT_FOUND"
    case .legalIDTaken: "LEGAL_ID_TAKEN"
    case .kindNotRegistrable: "KIND_NOT_REGISTRABLE"
    case .illegalTransition: "ILLEGAL_TRANSITION"
    case .secondPersonRequired: "SECOND_PERSON_REQUIRED"
    case .participantNotActive: "PARTICIPANT_NOT_ACTIVE"
    case .notYourParticipant: "NOT_YOUR_PARTICIPANT"
    case .roleNotApplicable: "ROLE_NOT_APPLICABLE"
    case .roleNotFit: "ROLE_NOT_FIT"
    case .roleAlreadyBound: "ROLE_ALREADY_BOUND"
    case .roleNotBound: "ROLE_NOT_BOUND"
    case .ownRoles: "OWN_ROLES"
    case .enrolmentTokenUnknown: "ENROLMENT_TOKEN_UNKNOWN"
    case .enrolmentTokenUsed: "ENROLMENT_TOKEN_USED"
    case .enrolmentTokenExpired: "ENROLMENT_TOKEN_EXPIRED"
    case .signingRequestInvalid: "SIGNING_REQUEST_INVALID"
    case .keyNotAcceptable: "KEY_NOT_ACCEPTABLE"
    case .hostNotValid: "HOST_NOT_VALID"
    case .lifetimeOutOfRange: "LIFETIME_OUT_OF_RANGE"
    case .credentialNotFound: "CREDENTIAL_NOT_FOUND"
    case .credentialAlreadyRevoked: "CREDENTIAL_ALREADY_REVOKED"
    case .credentialNotRenewable: "CREDENTIAL_NOT_RENEWABLE"
    case .audienceUnknown: "AUDIENCE_UNKNOWN"
    case .tooManyAttempts: "TOO_MANY_ATTEMPTS"
    case .noIssuer: "NO_ISSUER"
    case .epochUnknown: "EPOCH_UNKNOWN"
    case .staffEnrolment: "STAFF_ENROLMENT"
    case .routing(.nameNotUsable, _): "PARTITION_NAME_NOT_USABLE"
    case .routing(.scopeInvalid, _): "PARTITION_SCOPE_INVALID"
    case .routing(.overlap, _): "PARTITIONS_OVERLAP"
    case .routing(.gap, _): "PARTITIONS_LEAVE_GAP"
    case .routingVersionStale: "ROUTING_VERSION_STALE"
    case .consent(let rule): rule.reason
    }
  }

  package var metadata: [String: String] {
    switch self {
    case .illegalTransition(let from, let to):
      ["state": from.protoName ?? "", "wanted": to.protoName ?? ""]
    case .participantNotActive(let state): ["state": state.protoName ?? ""]
    case .roleNotApplicable(let role), .roleNotFit(let role), .roleAlreadyBound(let role),
      .roleNotBound(let role):
      ["role": role.protoName ?? ""]
    case .routingVersionStale(let current): ["version": "\(current)"]
    case .consent(let rule): rule.metadata
    default: [:]
    }
  }

  package var violations: [FieldViolation] {
    let place: (field: String, rule: String)? =
      switch self {
      case .kindNotRegistrable: ("kind", "registrable")
      case .roleNotApplicable: ("roles", "applicable")
      case .signingRequestInvalid: ("signing_request", "pkcs10")
      case .keyNotAcceptable: ("signing_request", "key")
      case .hostNotValid(let index): ("hosts[\(index)]", "host")
      case .lifetimeOutOfRange: ("lifetime_seconds", "lifetime")
      case .audienceUnknown: ("audience", "service")
      case .routing(_, let index): ("partitions[\(index)]", "routing")
      case .consent(let rule): rule.field.map { ($0, "consent") }
      default: nil
      }
    return place.map { [FieldViolation(field: $0.field, rule: $0.rule, text: text)] } ?? []
  }

  package var retryAfterMilliseconds: Int64? {
    switch self {
    case .tooManyAttempts: 1_000
    case .noIssuer: 60_000
    default: nil
    }
  }
}
