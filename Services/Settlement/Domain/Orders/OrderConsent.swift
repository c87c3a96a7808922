import Crypto
package import Model

/// A consent that an order rests on, frozen when it is placed.
package struct OrderConsent: Sendable, Hashable {
  package let id: ConsentID
  /// Whom the data are about.
  package let subjectID: ParticipantID
  package let environment: TypeV1.Environment
  /// From when it counts no more, whatever else is agreed.
  package let expires: Timestamp

  package init(
    id: ConsentID, subjectID: ParticipantID, environment: TypeV1.Environment, expires: Timestamp
  ) {
    self.id = id
    self.subjectID = subjectID
    self.environment = environment
    self.expires = expires
  }
}

extension OrderID {
  /// The id of the order that a request of a consumer places: the same in every retry, so that a consent
  /// is used for it once. A UUID of version 8 (RFC 9562, section 5.8) of SHA-256 over both.
  package static func placed(by request: RequestID, of consumer: ParticipantID) -> OrderID {
    let digest = Digest.sha256(
      of: Array("ndx-order-v1\n".utf8) + consumer.bytes + request.bytes
    ).bytes
    func word(_ start: Int) -> UInt64 {
      digest[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    return OrderID(
      high: word(0) & 0xffff_ffff_ffff_0fff | 0x8000,
      low: word(8) & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
  }
}

/// What the people that the data of an order are about say of their consents now.
package enum ConsentStanding: Sendable, Hashable {
  case given
  /// One of them has stopped the use for now.
  case paused
  /// One of them has ended it for good.
  case withdrawn
}

extension Order {
  /// When an agreement until `end` ends: nothing is fetched for longer than those whom it is about agreed to.
  func endOfConsents(orBefore end: Timestamp) -> Timestamp {
    terms.consents.map(\.expires).reduce(end, min)
  }

  /// Follows what was said of the consents it rests on. A withdrawal ends an agreement as the exchange would,
  /// and an order that waits for money; a pause holds the agreement up until it is over.
  /// - Returns: what became of it; nil when nothing changed.
  package mutating func follow(
    _ standing: ConsentStanding, deadlines: OrderDeadlines, at now: Timestamp
  ) throws(SettlementError) -> ConsentEffect? {
    let reason = GateRule.consentWithdrawn.rawValue
    if standing == .withdrawn && state(at: now) == .awaitingFunds {
      end(as: .cancelled, because: reason, at: now)
      return .cancelled
    }
    let isOver = [.refunded, .expired, .cancelled].contains(state(at: now))
    guard !isOver, let agreement, [.active, .suspended].contains(agreement.state(at: now)) else {
      return nil
    }
    switch standing {
    case .withdrawn:
      let isRefund = try terminateAgreement(
        by: .exchange, because: reason, deadlines: deadlines, at: now)
      return .terminated(isRefund: isRefund)
    case .paused, .given:
      guard agreement.isPaused != (standing == .paused) else { return nil }
      self.agreement?.isPaused = standing == .paused
      touch(at: now)
      return standing == .paused ? .paused : .resumed
    }
  }
}

/// What became of an order whose consents changed.
package enum ConsentEffect: Sendable, Hashable {
  case cancelled
  /// Whether money has to go back.
  case terminated(isRefund: Bool)
  case paused
  case resumed
}
