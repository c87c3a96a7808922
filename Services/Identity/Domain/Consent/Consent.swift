package import Model

/// What was asked of a person, and what they said. It changes through the functions of `ConsentRules` alone.
package struct Consent: Sendable, Hashable {
  package let artefact: IdentityV1.ConsentArtefact
  package let subjectID: ParticipantID
  /// What was decided last; whether it has expired is a question of time.
  package internal(set) var standing: ConsentStanding
  /// The certificate in DER and the signature that it was given with.
  package internal(set) var signature: ConsentSignature?
  package let createTime: Timestamp
  package internal(set) var updateTime: Timestamp

  package init(
    artefact: IdentityV1.ConsentArtefact, subjectID: ParticipantID, standing: ConsentStanding,
    signature: ConsentSignature? = nil, createTime: Timestamp, updateTime: Timestamp
  ) {
    self.artefact = artefact
    self.subjectID = subjectID
    self.standing = standing
    self.signature = signature
    self.createTime = createTime
    self.updateTime = updateTime
  }

  package var id: ConsentID { artefact.consentID }

  /// Where it stands at `now`: past its end it is EXPIRED, whether or not anyone wrote it down.
  package func state(at now: Timestamp) -> IdentityV1.ConsentState {
    if standing == .withdrawn { return .withdrawn }
    if now >= artefact.expireTime { return .expired }
    return switch standing {
    case .requested: .requested
    case .given: .given
    case .paused: .paused
    case .withdrawn: .withdrawn
    }
  }

  /// Why it cannot be used at `now`, uses aside; nil when it can.
  package func obstacle(at now: Timestamp) -> ConsentRule? {
    switch state(at: now) {
    case .given: now < artefact.startTime ? .notYetValid : nil
    case .paused: .paused
    case .withdrawn: .withdrawn
    case .expired: .expired
    case .requested, .unspecified, .unrecognized: .notGiven
    }
  }

  /// Since when uses count against one at `now`: the start of the period of PERIODIC use, ever for ONE_TIME.
  package func periodStart(at now: Timestamp) -> Timestamp {
    guard let frequency = artefact.frequency, now > artefact.startTime else {
      return artefact.startTime
    }
    let length = Int64(frequency.days) * 86_400_000_000
    let elapsed = now.microseconds - artefact.startTime.microseconds
    return artefact.startTime.adding(microseconds: elapsed / length * length)
  }

  /// Whether `count` uses by other orders since the period began leave none to be had.
  package func isUsedUp(by count: Int) -> Bool {
    count >= artefact.frequency.map { Int($0.orders) } ?? 1
  }

  /// Whether the caller is the person, the provider or the consumer.
  package func concerns(_ participant: ParticipantID) -> Bool {
    [subjectID, artefact.providerID, artefact.consumerID].contains(participant)
  }
}

/// What a person has decided last about a consent.
package enum ConsentStanding: Sendable, Hashable {
  case requested
  case given
  case paused
  case withdrawn
}

/// With what a consent was given.
package struct ConsentSignature: Sendable, Hashable {
  /// In DER.
  package let certificate: [UInt8]
  /// ES256 over the artefact's text.
  package let bytes: [UInt8]

  package init(certificate: [UInt8], bytes: [UInt8]) {
    self.certificate = certificate
    self.bytes = bytes
  }
}
