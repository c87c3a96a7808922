import Crypto
package import Model

/// Who is asked about whose data for whom.
package struct ConsentParties: Sendable {
  package let subject: Participant
  package let provider: Participant
  package let consumer: Participant

  package init(subject: Participant, provider: Participant, consumer: Participant) {
    self.subject = subject
    self.provider = provider
    self.consumer = consumer
  }

  /// All three are active, different, of one environment, and what they have to be.
  package func check() throws(IdentityError) {
    for party in [subject, provider, consumer] { try party.requireActive() }
    guard Set([subject.id, provider.id, consumer.id]).count == 3 else {
      throw .consent(.partiesNotDistinct)
    }
    guard subject.environment == consumer.environment,
      provider.environment == consumer.environment
    else { throw .consent(.environmentMismatch) }
    guard subject.kind == .citizen, subject.roles.contains(.citizen) else {
      throw .consent(.subjectNotCitizen)
    }
    guard provider.roles.contains(.provider) else { throw .consent(.providerNotProvider) }
  }
}

extension Consent {
  /// Longest time from now to the end of a consent, in seconds: ten years.
  package static let longestSeconds: Int64 = 3_653 * 86_400

  /// A new request, which allows nothing yet. Categories are put in order, each once.
  package static func request(
    _ artefact: IdentityV1.ConsentArtefact, among parties: ConsentParties, at now: Timestamp
  ) throws(IdentityError) -> Consent {
    guard artefact.startTime < artefact.expireTime, artefact.expireTime > now,
      artefact.expireTime <= now.adding(seconds: longestSeconds)
    else { throw .consent(.periodInvalid) }
    guard (artefact.use == .periodic) == (artefact.frequency != nil) else {
      throw .consent(.frequencyMismatch)
    }
    try parties.check()
    var artefact = artefact
    artefact.version = 1
    artefact.dataCategories = Set(artefact.dataCategories).sorted()
    return Consent(
      artefact: artefact, subjectID: parties.subject.id, standing: .requested, createTime: now,
      updateTime: now)
  }

  /// The person agrees: REQUESTED to GIVEN.
  /// - Parameter fingerprint: of the certificate under which the person is connected.
  package mutating func give(
    _ signature: ConsentSignature, connectedBy fingerprint: Digest, at now: Timestamp
  ) throws(IdentityError) {
    try require(.requested, at: now)
    guard let certificate = try? Certificate(der: signature.certificate),
      certificate.fingerprint == fingerprint
    else { throw .consent(.certificateNotCallers) }
    guard artefact.isSigned(signature.bytes, by: certificate) else {
      throw .consent(.signatureInvalid)
    }
    self.signature = signature
    move(to: .given, at: now)
  }

  /// GIVEN to PAUSED.
  package mutating func pause(at now: Timestamp) throws(IdentityError) {
    try require(.given, at: now)
    move(to: .paused, at: now)
  }

  /// PAUSED to GIVEN.
  package mutating func resume(at now: Timestamp) throws(IdentityError) {
    try require(.paused, at: now)
    move(to: .given, at: now)
  }

  /// The person takes it back, or declines: to WITHDRAWN.
  package mutating func withdraw(at now: Timestamp) throws(IdentityError) {
    try require(.requested, .given, .paused, at: now)
    move(to: .withdrawn, at: now)
  }

  /// Checks that an order may use it now.
  /// - Parameter uses: by other orders since the period began.
  package func requireUsable(after uses: Int, at now: Timestamp) throws(IdentityError) {
    if let obstacle = obstacle(at: now) { throw .consent(obstacle) }
    if isUsedUp(by: uses) { throw .consent(.used) }
  }

  /// Whether the signature under it is by the key of its certificate; true while there is none to check.
  package var isSignatureValid: Bool {
    guard let signature else { return true }
    guard let certificate = try? Certificate(der: signature.certificate) else { return false }
    return artefact.isSigned(signature.bytes, by: certificate)
  }

  private func require(
    _ allowed: IdentityV1.ConsentState..., at now: Timestamp
  ) throws(IdentityError) {
    let state = state(at: now)
    guard allowed.contains(state) else { throw .consent(.stateConflict(state)) }
  }

  private mutating func move(to next: ConsentStanding, at now: Timestamp) {
    standing = next
    updateTime = max(updateTime, now)
  }
}
