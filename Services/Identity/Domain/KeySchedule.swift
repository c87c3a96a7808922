package import Model

/// When a token signing key is made, signs and is published.
package enum SigningKeySchedule {
  package static let signingSeconds: Int64 = 6 * 3_600
  package static let publishingSeconds: Int64 = 30 * 3_600
  /// How long a key is published before it signs, so that verifiers know it by then.
  package static let preparationSeconds: Int64 = 600

  /// The key that signs at `now`: the newest that was prepared long enough, or the newest at all when
  /// none was. Nil when every key is past its signing time.
  package static func current<ID>(_ keys: [(id: ID, created: Timestamp)], at now: Timestamp) -> ID?
  {
    let usable = keys.filter { now < $0.created.adding(seconds: signingSeconds) }
      .sorted { $0.created < $1.created }
    let prepared = usable.last { $0.created.adding(seconds: preparationSeconds) <= now }
    return (prepared ?? usable.first)?.id
  }

  /// Whether a new key is to be made now.
  package static func needsKey(created: [Timestamp], at now: Timestamp) -> Bool {
    guard let newest = created.max() else { return true }
    return newest.adding(seconds: signingSeconds - preparationSeconds) <= now
  }

  package static func isPublished(created: Timestamp, at now: Timestamp) -> Bool {
    now < created.adding(seconds: publishingSeconds)
  }
}

/// When an issuing authority is prepared, signs and ends.
package enum IssuerSchedule {
  package static let lifetimeSeconds: Int64 = 7 * 86_400

  /// An issuing authority as the schedule sees it.
  package struct Issuer: Sendable, Hashable {
    package let serial: String
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    package init(serial: String, notBefore: Timestamp, notAfter: Timestamp) {
      self.serial = serial
      self.notBefore = notBefore
      self.notAfter = notAfter
    }

    func moment(_ numerator: Int64, of denominator: Int64) -> Timestamp {
      let life = notAfter.microseconds - notBefore.microseconds
      return notBefore.adding(microseconds: life / denominator * numerator)
    }
  }

  /// Whether the next authority is to be prepared: half of the newest one's life is over.
  package static func needsIssuer(_ issuers: [Issuer], at now: Timestamp) -> Bool {
    guard let newest = issuers.max(by: { $0.notBefore < $1.notBefore }) else { return true }
    return newest.moment(1, of: 2) <= now
  }

  /// The authority that signs: the oldest that still has a sixth of its life before it, so that its
  /// successor has been in the trust bundle since half of it; nil when all have ended.
  package static func current(_ issuers: [Issuer], at now: Timestamp) -> String? {
    let living = issuers.filter { now < $0.notAfter }.sorted { $0.notBefore < $1.notBefore }
    return (living.first { now < $0.moment(5, of: 6) } ?? living.last)?.serial
  }
}
