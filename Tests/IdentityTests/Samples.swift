import IdentityDomain
import Model

/// Values that tests of rules and tables start from.
enum Sample {
  static let now = Timestamp(microseconds: 1_790_000_000_500_000)
  static let registrar = ParticipantID.make(at: now)
  static let secondRegistrar = ParticipantID.make(at: now)

  static func application(
    kind: IdentityV1.ParticipantKind = .enterprise, legalID: String = "0101234567",
    environment: TypeV1.Environment = .live, roles: Set<TypeV1.Role> = [.consumer]
  ) throws -> Participant {
    try Participant.applying(
      id: .make(at: now), kind: kind, environment: environment,
      name: TypeV1.LocalizedText(vi: "Công ty A", en: "Company A"), legalID: legalID,
      jurisdiction: "VN", roles: roles, at: now)
  }

  static func active(
    kind: IdentityV1.ParticipantKind = .enterprise, legalID: String = "0101234567",
    roles: Set<TypeV1.Role> = [.consumer]
  ) throws -> Participant {
    var participant = try application(kind: kind, legalID: legalID, roles: roles)
    try participant.verify(by: registrar, evidence: "register", at: now)
    try participant.approve(by: secondRegistrar, at: now)
    return participant
  }

  static func holder(
    _ participant: ParticipantID = registrar, hosts: [String] = []
  ) throws -> CredentialHolder {
    try CredentialHolder(
      name: .participant(participant, .make(at: now)), systemName: "portal", hosts: hosts)
  }
}
