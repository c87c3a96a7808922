package import Model

/// One certificate that was issued.
package struct IssuedCredential: Sendable, Hashable {
  package let id: CredentialID
  package let holder: CredentialHolder
  /// Lower-case hexadecimal.
  package let serial: String
  package let fingerprint: Digest
  package let notBefore: Timestamp
  package let notAfter: Timestamp
  package var revokeTime: Timestamp?
  package var revokeReason: String

  package init(
    id: CredentialID, holder: CredentialHolder, serial: String, fingerprint: Digest,
    notBefore: Timestamp, notAfter: Timestamp, revokeTime: Timestamp? = nil,
    revokeReason: String = ""
  ) {
    self.id = id
    self.holder = holder
    self.serial = serial
    self.fingerprint = fingerprint
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.revokeTime = revokeTime
    self.revokeReason = revokeReason
  }

  package func state(at now: Timestamp) -> IdentityV1.CredentialState {
    if revokeTime != nil { return .revoked }
    return now <= notAfter ? .valid : .expired
  }

  package mutating func revoke(reason: String, at now: Timestamp) throws(IdentityError) {
    guard revokeTime == nil else { throw .credentialAlreadyRevoked }
    revokeTime = now
    revokeReason = reason
  }

  /// Throws unless the certificate may be traded for a fresh one.
  package func requireRenewable(at now: Timestamp) throws(IdentityError) {
    guard state(at: now) == .valid else { throw .credentialNotRenewable }
  }
}
