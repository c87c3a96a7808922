import Codec
package import Crypto
package import Model

extension IdentityV1.WatchRevocationsResponse {
  /// What `signature` covers: "ndx-revocations-v1\n" and this message without it, in wire form.
  private var signedBytes: [UInt8] {
    var unsigned = self
    unsigned.signature = []
    return Array("ndx-revocations-v1\n".utf8) + unsigned.serialized()
  }

  /// This step signed with one of identity's published keys.
  package func signed(by key: P256PrivateKey, keyID: String) throws -> Self {
    var step = self
    step.keyID = keyID
    step.signature = try key.sign(step.signedBytes)
    return step
  }

  /// Whether a key of the set signed this step. A key that is not in the set signs nothing.
  package func isSigned(by keys: JSONWebKeySet) -> Bool {
    keys[keyID]?.isValid(signature: signature, for: signedBytes) ?? false
  }
}

extension RevocationEntry {
  /// Nil for a subject that this build does not know or an identifier that is none.
  package init?(_ revocation: IdentityV1.Revocation) {
    let subject: RevocationSubject?
    switch revocation.subject {
    case .participant: subject = ParticipantID(revocation.subjectID).map { .participant($0) }
    case .system: subject = SystemID(revocation.subjectID).map { .system($0) }
    case .credential: subject = .credential(serial: revocation.subjectID)
    case .participantTokens: subject = ParticipantID(revocation.subjectID).map { .tokens($0) }
    case .consent: subject = ConsentID(revocation.subjectID).map { .consent($0) }
    case .consentPause: subject = ConsentID(revocation.subjectID).map { .consentPause($0) }
    case .unspecified, .unrecognized: subject = nil
    }
    guard let subject else { return nil }
    self.init(
      epoch: revocation.epoch, subject: subject, notBefore: revocation.notBefore,
      isBlocked: revocation.blocked)
  }
}

extension RevocationView {
  /// Takes over a step of identity's feed, whose signature has been checked.
  package func apply(_ step: IdentityV1.WatchRevocationsResponse) {
    apply(
      step.revocations.compactMap { RevocationEntry($0) }, epoch: step.epoch,
      asOf: step.more ? nil : step.asOf)
  }
}
