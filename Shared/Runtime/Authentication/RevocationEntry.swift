package import Model

/// What a revocation is about.
package enum RevocationSubject: Sendable, Hashable {
  case participant(ParticipantID)
  case system(SystemID)
  /// One certificate, by its serial number in lower-case hexadecimal.
  case credential(serial: String)
  /// The access tokens of a participant but not its certificates: a role was taken away.
  case tokens(ParticipantID)
  /// A consent that was withdrawn, for good.
  case consent(ConsentID)
  /// A consent that is not to be used while this is blocked.
  case consentPause(ConsentID)
}

extension RevocationSubject {
  /// The consent that it is about, if it is about one.
  var consentID: ConsentID? {
    switch self {
    case .consent(let id), .consentPause(let id): id
    case .participant, .system, .credential, .tokens: nil
    }
  }
}

/// Refuses what was issued to a subject before a moment.
package struct RevocationEntry: Sendable, Hashable {
  /// Its place in the order of all revocations, from 1.
  package let epoch: Int64
  package let subject: RevocationSubject
  /// Certificates and tokens issued before this moment are refused; a revoked certificate always is.
  package let notBefore: Timestamp
  /// Whether the subject is stopped altogether, whatever the age of its credentials.
  package let isBlocked: Bool

  package init(
    epoch: Int64, subject: RevocationSubject, notBefore: Timestamp, isBlocked: Bool = false
  ) {
    self.epoch = epoch
    self.subject = subject
    self.notBefore = notBefore
    self.isBlocked = isBlocked
  }
}
