import Crypto
package import Model

/// The right to obtain one certificate, once. Only the digest of its secret is kept.
package struct EnrolmentToken: Sendable, Hashable {
  /// How long a token can be used, in seconds.
  package static let lifetimeSeconds: Int64 = 600

  package let id: EnrolmentTokenID
  package let secretDigest: Digest
  /// Whom the certificate will name.
  package let holder: CredentialHolder
  package let createTime: Timestamp
  package let expireTime: Timestamp
  package var useTime: Timestamp?

  package init(
    id: EnrolmentTokenID, secretDigest: Digest, holder: CredentialHolder, createTime: Timestamp,
    expireTime: Timestamp, useTime: Timestamp? = nil
  ) {
    self.id = id
    self.secretDigest = secretDigest
    self.holder = holder
    self.createTime = createTime
    self.expireTime = expireTime
    self.useTime = useTime
  }

  /// A token for `holder` and its secret: 43 characters of base64url, 256 bits, never seen again.
  /// It does not start with a dash, so that command lines take it for an argument.
  package static func issue(
    for holder: CredentialHolder, at now: Timestamp
  ) -> (token: EnrolmentToken, secret: String) {
    var secret = Base64URL.encode(Random.bytes(32))
    while secret.hasPrefix("-") { secret = Base64URL.encode(Random.bytes(32)) }
    let token = EnrolmentToken(
      id: .make(at: now), secretDigest: digest(of: secret), holder: holder, createTime: now,
      expireTime: now.adding(seconds: lifetimeSeconds))
    return (token, secret)
  }

  /// Whether a caller may have a token made for `participant`: registrars for every one but staff, whose
  /// powers they would gain; everybody else with the right to call for their own.
  package static func requireIssuable(
    for participant: Participant, by caller: ParticipantID, isRegistrar: Bool
  ) throws(IdentityError) {
    if caller != participant.id {
      guard isRegistrar else { throw .notYourParticipant }
      guard participant.kind != .operator else { throw .staffEnrolment }
    }
    try participant.requireActive()
  }

  package static func digest(of secret: String) -> Digest { .sha256(of: secret) }

  /// Uses the token up. Throws when it has expired or was used before.
  package mutating func use(at now: Timestamp) throws(IdentityError) {
    guard useTime == nil else { throw .enrolmentTokenUsed }
    guard now < expireTime else { throw .enrolmentTokenExpired }
    useTime = now
  }
}
