import Model

/// What somebody agreed to: that one order may use their data.
struct ReferenceConsent {
  enum Word { case paused, given, withdrawn }

  let id: ConsentID
  let consumer: Int
  let provider: Int
  let expires: Timestamp
}

extension ReferenceTrades {
  /// Which rule keeps an order from going on.
  func gate(of id: OrderID, at now: Timestamp) -> String? {
    orders[id]?.consent.flatMap { standing(of: $0, at: now) }
  }

  private func standing(of consent: ReferenceConsent, at now: Timestamp) -> String? {
    if said[consent.id] == .withdrawn { return "CONSENT_WITHDRAWN" }
    if now >= consent.expires { return "CONSENT_EXPIRED" }
    return said[consent.id] == .paused ? "CONSENT_PAUSED" : nil
  }

  /// Why a consent that is in use bears no other order.
  func refusal(
    ofUsed consent: ReferenceConsent, for consumer: Int, from provider: Int, at now: Timestamp
  ) -> String {
    if let reason = standing(of: consent, at: now) { return reason }
    guard consent.consumer == consumer, consent.provider == provider else {
      return "CONSENT_PARTIES_MISMATCH"
    }
    return "CONSENT_USED"
  }

  /// Brings every order to what was said; one that cannot follow yet stays as it is.
  mutating func followConsents(at now: Timestamp) {
    for (id, order) in orders {
      guard let consent = order.consent, let word = said[consent.id] else { continue }
      _ = change(id) { order, money in
        if word == .withdrawn, order.isIn(now, .awaitingFunds) {
          order.end(as: .cancelled)
          return nil
        }
        let isOver = order.isIn(now, .refunded, .expired, .cancelled)
        let agreement = order.agreement(at: now)
        guard !isOver, agreement == .active || agreement == .suspended else { return nil }
        guard word == .withdrawn else {
          order.isPaused = word == .paused
          return nil
        }
        return order.terminate(by: .exchange, &money, at: now)
      }
    }
  }
}
