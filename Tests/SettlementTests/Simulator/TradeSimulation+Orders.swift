import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import TestSupport

@testable import SettlementAPI

/// What parties do with orders.
extension TradeSimulation {
  enum Action: CaseIterable {
    case fund, grant, confirm, accept, raise, respond, resolve, cancel, suspend, resume, terminate
    case refund, cancelRenewal, get

    /// Where it is likely to succeed.
    var state: [ReferenceOrder.State] {
      switch self {
      case .fund: [.awaitingFunds]
      case .grant: [.escrowed]
      case .confirm: [.delivering]
      case .accept, .raise: [.delivered]
      case .respond, .resolve: [.disputed]
      case .cancel: [.awaitingFunds, .escrowed, .delivering, .disputed]
      case .suspend, .resume, .terminate: [.escrowed, .delivering, .delivered, .settled]
      case .refund: [.settled, .partiallyRefunded]
      case .cancelRenewal: [.settled]
      case .get: []
      }
    }

    static let weighted: [Action] = [
      .fund, .fund, .fund, .fund, .fund, .grant, .grant, .grant, .confirm, .confirm, .confirm,
      .accept, .accept, .accept, .raise,
      .raise, .respond, .respond, .resolve, .resolve, .cancel, .suspend, .resume, .terminate, .get,
      .refund, .refund, .cancelRenewal,
    ]
  }

  func stepOrder() async throws {
    guard !chance(18), let action = Action.weighted.randomElement(using: &random) else {
      return try await place()
    }
    let now = time.now
    let recent = placed.suffix(60)
    let fitting = recent.filter {
      reference.orders[$0].map { action.state.contains($0.state(at: now)) } ?? false
    }
    let pool = chance(80) && !fitting.isEmpty ? fitting : Array(recent)
    guard let id = pool.randomElement(using: &random), let order = reference.orders[id] else {
      return
    }
    let answer = try await take(action, order, now)
    if let answer { try compare(answer, now) }
  }

  private func place() async throws {
    let (now, request) = (time.now, request())
    guard let offer = world.offers.randomElement(using: &random) else { return }
    let consumer = number(0...world.consumerCount - 1)
    let context = world.context(of: consumer)
    let (consent, refusal) = offer.isPersonal ? consent(for: offer, consumer, now) : (nil, nil)
    let answer = try await ask("placing an order") { _ in
      refusal
    } _: { exchange in
      try await exchange.orders.placeOrder(
        .init(
          requestID: request, offerID: offer.facts.offer.id, offerEtag: "v1", purpose: "research",
          consentIDs: consent.map { [$0.id] } ?? []),
        context
      ).order
    }
    guard let answer else { return }
    reference.place(
      ReferenceOrder(
        id: answer.id, consumer: consumer, provider: offer.provider, price: offer.price,
        // 8 % by the table of this market, half up.
        tax: (offer.price * 8 + 50) / 100, shares: offer.shares, pricing: offer.pricing,
        consent: consent, created: now, state: .placed), at: now)
    placed.append(answer.id)
    try compare(answer, now)
  }

  func take(
    _ action: Action, _ order: ReferenceOrder, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    let (id, request) = (order.id, request())
    let buyer = world.context(of: order.consumer)
    let seller = world.context(of: order.provider)
    switch action {
    case .fund:
      let wallets = reference.wallets[chance(95) ? order.consumer : order.provider]
      guard let account = wallets.randomElement(using: &random) else { return nil }
      return try await ask("funding \(id)") {
        $0.fund(id, from: account, at: now)
      } _: {
        try await $0.orders.fundOrder(
          .init(requestID: request, orderID: id, accountID: account), buyer
        ).order
      }
    case .grant:
      return try await ask("a grant of \(id)") {
        $0.grant(id, at: now)
      } _: {
        try await $0.orders.issueGrant(.init(requestID: request, orderID: id), buyer).order
      }
    case .confirm: return try await confirm(order, request, now)
    case .accept:
      return try await ask("accepting \(id)") {
        $0.accept(id, at: now)
      } _: {
        try await $0.orders.acceptDelivery(.init(requestID: request, orderID: id), buyer).order
      }
    case .cancel:
      let isBuyer = chance(40)
      return try await ask("cancelling \(id)") {
        $0.cancel(id, by: isBuyer ? .consumer : .provider, at: now)
      } _: {
        try await $0.orders.cancelOrder(
          .init(requestID: request, orderID: id, reason: "simulated"), isBuyer ? buyer : seller
        ).order
      }
    case .get:
      // One that cannot be ended, say because an account is frozen, is shown all the same.
      return try await ask("reading \(id)", isReplayed: false) {
        _ = $0.enforce(id, at: now)
        return nil
      } _: {
        try await $0.orders.getOrder(.init(orderID: id), buyer).order
      }
    case .raise, .respond, .resolve: return try await dispute(action, order, now)
    case .suspend, .resume, .terminate: return try await govern(action, order, now)
    case .refund: return try await refund(order, request, now)
    case .cancelRenewal: return try await cancelRenewal(order, request, now)
    }
  }

  private func confirm(
    _ order: ReferenceOrder, _ request: RequestID, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    let id = order.id
    let seller = world.context(of: order.provider)
    // Completed when it is, by a clock that may have been set back.
    let completed = max(now, order.created)
    let known = try await exchange.database.read { try OrderTable($0).find(id) }
    guard let known else { return nil }
    let receipt = try world.receipt(
      for: known, from: order.provider, to: order.consumer, completed: completed)
    return try await ask("a receipt for \(id)") {
      $0.confirm(id, completed: completed, at: now)
    } _: {
      try await $0.orders.confirmDelivery(
        .init(requestID: request, orderID: id, receipt: receipt), seller
      ).order
    }
  }

  private func dispute(
    _ action: Action, _ order: ReferenceOrder, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    let (id, request) = (order.id, request())
    switch action {
    case .raise:
      let buyer = world.context(of: order.consumer)
      return try await ask("objecting to \(id)") {
        $0.raise(id, at: now)
      } _: {
        try await $0.orders.raiseDispute(
          .init(
            requestID: request, orderID: id, reason: .incomplete, text: "simulated",
            evidenceSHA256: [Digest.sha256(of: Array("evidence".utf8))]), buyer
        ).order
      }
    case .respond:
      let isBuyer = chance(50)
      let context = world.context(of: isBuyer ? order.consumer : order.provider)
      return try await ask("answering about \(id)") {
        $0.respond(id, by: isBuyer ? .consumer : .provider, at: now)
      } _: {
        try await $0.orders.respondDispute(
          .init(requestID: request, orderID: id, text: "simulated"), context
        ).order
      }
    default:
      let refund = Int64.random(in: 0...max(order.total, 1), using: &random)
      let (outcome, amount, ruling): (SettlementV1.DisputeOutcome, Int64, ReferenceTrades.Ruling) =
        switch number(0...4) {
        case 0: (.fullRefund, 0, .full)
        case 1: (.noRefund, 0, .none)
        default: (.partialRefund, refund, .partial(refund))
        }
      let arbiter = world.arbiter
      return try await ask("deciding \(outcome) \(amount) of \(id)") {
        $0.resolve(id, ruling, at: now)
      } _: {
        try await $0.orders.resolveDispute(
          .init(
            requestID: request, orderID: id, outcome: outcome, refundMinorUnits: amount,
            explanation: "simulated"), arbiter
        ).order
      }
    }
  }

  private func govern(
    _ action: Action, _ order: ReferenceOrder, _ now: Timestamp
  ) async throws -> SettlementV1.Order? {
    let (id, request) = (order.id, request())
    let parties: [(ReferenceTrades.Party, CallContext)] = [
      (.provider, world.context(of: order.provider)), (.exchange, world.arbiter),
      (.consumer, world.context(of: order.consumer)),
    ]
    let (party, context) = parties[number(0...(action == .terminate ? 2 : 1))]
    switch action {
    case .suspend:
      return try await ask("\(party) suspends \(id)") {
        $0.suspend(id, by: party, at: now)
      } _: {
        try await $0.orders.suspendAgreement(
          .init(requestID: request, orderID: id, reason: "simulated"), context
        ).order
      }
    case .resume:
      return try await ask("\(party) resumes \(id)") {
        $0.resume(id, by: party, at: now)
      } _: {
        try await $0.orders.resumeAgreement(
          .init(requestID: request, orderID: id, reason: "simulated"), context
        ).order
      }
    default:
      return try await ask("\(party) ends \(id)") {
        $0.terminate(id, by: party, at: now)
      } _: {
        try await $0.orders.terminateAgreement(
          .init(requestID: request, orderID: id, reason: "simulated"), context
        ).order
      }
    }
  }

  // MARK: Comparing

  func compare(_ order: SettlementV1.Order, _ now: Timestamp) throws {
    guard let known = reference.orders[order.id] else {
      return try require(false, "\(order.id) is not known")
    }
    let state = known.state(at: now)
    try require(order.state == state, "\(order.id) is \(order.state) instead of \(state)")
    try require(
      order.dueTime == known.due(at: now),
      "\(order.id), \(state), is due at \(String(describing: order.dueTime)) instead of \(String(describing: known.due(at: now)))"
    )
    try require(
      order.agreement?.state == known.agreement(at: now),
      "the agreement of \(order.id) is \(String(describing: order.agreement?.state))")
    try require(
      ReferenceOrder.final.contains(state) == order.blockedBy.isEmpty,
      "\(order.id), \(state), is blocked by \(order.blockedBy)")
    try compareMoney(order, known)
    try compareRenewal(order, known, now)
  }

  private func compareMoney(_ order: SettlementV1.Order, _ known: ReferenceOrder) throws {
    let payouts = order.payouts.map(\.amount.minorUnits)
    try require(
      payouts == known.payouts.map(\.amount),
      "\(order.id) paid \(payouts) instead of \(known.payouts)")
    let given = order.payouts.map { $0.refunded?.minorUnits ?? 0 }
    try require(
      given == known.payouts.map(\.refunded),
      "those paid by \(order.id) gave \(given) back instead of \(known.payouts)")
    try require(
      zip(given, payouts).allSatisfy { $0 <= $1 }, "somebody gave more of \(order.id) than it got")
    try require(
      order.refunded?.minorUnits == known.returned,
      "\(order.id) gave \(String(describing: order.refunded)) back instead of \(known.returned ?? 0)"
    )
    guard known.payer != nil, ReferenceOrder.final.contains(known.state) else { return }
    let isUndone = known.state == .refunded && payouts.isEmpty
    let taken = known.isMetered && !isUndone ? known.usedPrice + known.usedTax : known.total
    try require(
      payouts.reduce(isUndone ? known.total : known.refund, +) == taken,
      "the parts of \(order.id) do not sum to \(taken)")
    guard !known.isMetered else { return }
    let most = known.parts.filter { $0 > 0 }.sorted()
    try require(
      zip(payouts.sorted().reversed(), most.reversed()).allSatisfy { $0 <= $1 },
      "somebody got more of \(order.id) than its part")
  }

  private func compareRenewal(
    _ order: SettlementV1.Order, _ known: ReferenceOrder, _ now: Timestamp
  ) throws {
    let (found, expected) = (order.renewal, known.renewal)
    let due = known.renewalState(at: now) == .ended ? nil : expected?.next
    try require(
      found?.state == known.renewalState(at: now) && found?.period == expected?.period
        && found?.periodEnd == expected?.periodEnd
        && found?.lastPeriod == expected.map { $0.last ?? 0 }
        && found?.blockedBy == expected?.refusal && found?.dueTime == due,
      "\(order.id) renews as \(String(describing: found)) instead of \(String(describing: expected))"
    )
    try require(
      order.agreement?.validUntil == known.agreementEnds,
      "\(order.id) lasts until \(String(describing: order.agreement?.validUntil)) instead of \(String(describing: known.agreementEnds))"
    )
  }
}
