package import Model

/// What a revocation is about.
package enum RevokedSubject: Sendable, Hashable {
  case participant(ParticipantID)
  case system(SystemID)
  /// Serial number in lower-case hexadecimal.
  case credential(serial: String)
  /// The access tokens of a participant but not its certificates: a role was taken away.
  case tokens(ParticipantID)
  /// A consent that orders rest on, withdrawn for good.
  case consent(ConsentID)
  /// A consent that orders rest on, not to be used while blocked.
  case consentPause(ConsentID)
}

/// The latest word on what is refused of a subject.
package struct Revocation: Sendable, Hashable {
  /// Place in the order of all revocations, from 1.
  package let epoch: Int64
  package let subject: RevokedSubject
  /// What was issued before is refused; whole seconds.
  package let notBefore: Timestamp
  /// Whether the subject is stopped, whatever the age of its credentials.
  package let isBlocked: Bool

  package init(epoch: Int64, subject: RevokedSubject, notBefore: Timestamp, isBlocked: Bool) {
    self.epoch = epoch
    self.subject = subject
    self.notBefore = notBefore
    self.isBlocked = isBlocked
  }
}

/// Certificates and tokens carry whole seconds, so cut-offs are whole seconds too.
package enum RevocationCutoff {
  /// The first whole second after `now`: everything issued until now was issued before it.
  package static func after(_ now: Timestamp) -> Timestamp {
    let (quotient, remainder) = now.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let second = remainder < 0 ? quotient - 1 : quotient
    return Timestamp(microseconds: (second + 1) * 1_000_000)
  }

  /// The one that counts for a holder: the latest of participant, system and credential.
  package static func effective(_ cutoffs: Timestamp?...) -> Timestamp? {
    cutoffs.compactMap { $0 }.max()
  }

  /// When something issued at `now` says it was issued, so that it is not refused by `cutoff`. At most
  /// a second ahead, which verifiers tolerate.
  package static func issueTime(at now: Timestamp, cutoff: Timestamp?) -> Timestamp {
    max(now, cutoff ?? now)
  }
}
