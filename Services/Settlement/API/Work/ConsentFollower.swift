import Logging
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Brings orders to what the people that their data are about have said since: a withdrawn consent ends
/// the agreements that rest on it, a paused one holds them up. Connectors end the streams under them,
/// because they follow the changes of orders.
struct ConsentFollower: Service {
  /// Before what could not be done is tried again.
  private static let retryPause: Duration = .seconds(1)

  let transactor: Transactor
  let ledger: Ledger
  let deadlines: OrderDeadlines
  let revocations: RevocationView
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var epoch: Int64 = 0
      for await _ in revocations.changes() {
        var isBehind = true
        while isBehind && !Task.isCancelled {
          do {
            epoch = try await follow(after: epoch)
            isBehind = false
          } catch {
            logger.error(
              "consents could not be followed", metadata: ["cause": "\(error)"])
            try? await Task.sleep(for: Self.retryPause)
          }
        }
      }
    }
  }

  /// Brings every order to what was said of its consents after `epoch` of the revocation feed. What was
  /// followed before changes nothing. An order that cannot follow, say because an account is frozen, does not
  /// hold up the others and is tried again; no grant is issued under it in any case.
  /// - Returns: the epoch up to which all is followed.
  func follow(after epoch: Int64) async throws -> Int64 {
    let said = revocations.consents(after: epoch)
    var followed = said.epoch
    for consent in Set(said.ids) {
      let orders = try await transactor.database.read {
        try OrderConsentTable($0).orders(on: consent)
      }
      for order in orders {
        do {
          try await follow(order)
        } catch let error as any DomainError {
          followed = epoch
          logger.warning(
            "an order does not follow its consents",
            metadata: ["order": "\(order)", "reason": "\(error.reason)"])
        }
      }
    }
    return followed
  }

  private func follow(_ id: OrderID) async throws {
    let context = CallContext.own(service: SettlementService.name, work: "ConsentFollower")
    try await transactor.write(context) { transaction in
      let now = transaction.now
      guard var order = try OrderTable(transaction.db).find(id) else { return }
      let standing = order.terms.consents.standing(in: revocations)
      guard let effect = try order.follow(standing, deadlines: deadlines, at: now) else { return }
      if effect == .terminated(isRefund: true) {
        try Escrow(ledger, transaction).refund(order)
      }
      try OrderTable(transaction.db).update(order)
      try transaction.emit(AuditEvent(effect.event, order, ["by": "consent"]))
    }
  }
}

extension [OrderConsent] {
  /// What the feed says of all of them together.
  fileprivate func standing(in revocations: RevocationView) -> ConsentStanding {
    if contains(where: { revocations.isWithdrawn($0.id) }) { return .withdrawn }
    return contains { revocations.isPaused($0.id) } ? .paused : .given
  }
}

extension ConsentEffect {
  fileprivate var event: String {
    switch self {
    case .cancelled: "order.cancelled"
    case .terminated: "agreement.terminated"
    case .paused: "agreement.paused"
    case .resumed: "agreement.resumed"
    }
  }
}
