import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Charges the next period of subscriptions that renew, before the paid one ends, and lets those expire that
/// were cancelled or stayed unpaid. An agreement ends by time in any case; this moves the money and writes it down.
///
/// A period is charged in one transaction that looks again at how far the subscription is paid, so that it is
/// charged once however often and by whomever it is tried.
struct RenewalKeeper: Sendable {
  /// Most orders in one pass, so that other deadlines are not held up.
  private static let limit = 1_000

  let transactor: Transactor
  let ledger: Ledger
  let directory: TradeDirectory
  let schedule: RenewalSchedule
  /// Nil when no payout waits for witnesses.
  let witness: PayoutWitness?
  let logger: Logger

  /// Does what is due of every renewal.
  /// - Returns: when something is due next; nil when there is nothing.
  func renewDue() async throws -> Timestamp? {
    let now = transactor.clock.now()
    let due = try await transactor.database.read {
      try RenewalTable($0).due(at: now, limit: Self.limit)
    }
    for id in due {
      do {
        try await renew(id)
      } catch SettlementError.payoutNotWitnessed {
        continue
      } catch let error as SettlementError where error.status == .unavailable {
        // Nobody refused anything: the others wait too, and the next pass tries again.
        logger.warning("renewals wait", metadata: ["reason": "\(error.reason)"])
        return nil
      }
    }
    if due.count == Self.limit { return now }
    return try await transactor.database.read { try RenewalTable($0).nextTime(after: now) }
  }

  /// Does what is due of the renewal of one order: charges as many periods as have come, or lets the
  /// agreement expire.
  /// - Throws: `SettlementError.dependency`, `.payoutNotWitnessed`.
  func renew(_ id: OrderID) async throws {
    let context = CallContext.own(service: SettlementService.name, work: "Timekeeper")
    while let effect = try await effect(on: id) {
      var facts: Result<TradeFacts, SettlementError>?
      var payment: WitnessedPayment?
      if case .charge(let terms) = effect {
        facts = try await directory.facts(
          offer: terms.offerID, consumer: terms.consumerID, consents: terms.consents.map(\.id),
          order: id, context)
        payment = try await witness?.payment(of: id, context)
      }
      let (found, witnessed) = (facts, payment)
      try await transactor.write(context) { [self] transaction in
        guard var order = try OrderTable(transaction.db).find(id),
          let effect = order.renewalEffect(at: transaction.now)
        else { return }
        switch (effect, found) {
        case (.expire, _):
          order.expireAgreement(at: transaction.now)
          try OrderTable(transaction.db).update(order)
          try transaction.emit(
            AuditEvent("agreement.expired", order, ["because": order.renewal?.refusal ?? ""]))
        case (.charge, nil): break
        case (.charge, let facts?): try charge(order, facts, witnessed, transaction)
        }
      }
    }
  }

  private enum Work {
    case charge(OrderTerms)
    case expire
  }

  private func effect(on id: OrderID) async throws -> Work? {
    let now = transactor.clock.now()
    let order = try await transactor.database.read { try OrderTable($0).find(id) }
    switch order?.renewalEffect(at: now) {
    case .charge: return order.map { .charge($0.terms) }
    case .expire: return .expire
    case nil: return nil
    }
  }

  /// A refusal is written down and tried again later; it moves no money.
  private func charge(
    _ found: Order, _ facts: Result<TradeFacts, SettlementError>, _ witnessed: WitnessedPayment?,
    _ transaction: Transaction
  ) throws {
    let now = transaction.now
    var order = found
    do {
      let (payment, payouts) = try pay(order, facts, witnessed, transaction)
      try RenewalTable(transaction.db).insert(payment, of: order.id, at: now)
      order.renew(payment, schedule, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(AuditEvent("agreement.renewed", order, payment, payouts))
    } catch let error as SettlementError {
      order.postponeRenewal(because: error.reason, schedule, at: now)
      try OrderTable(transaction.db).update(order)
      try transaction.emit(
        AuditEvent(
          "agreement.renewal_refused", order,
          [
            "period": "\((order.renewal?.period ?? 0) + 1)", "refusal": error.reason,
            "next_attempt": order.renewal?.nextTime?.description ?? "",
          ]))
    }
  }

  /// Each period is a supply of its own: it is taxed by the rule of the moment when it is charged. The price
  /// and the split are those that the order froze.
  private func pay(
    _ order: Order, _ facts: Result<TradeFacts, SettlementError>, _ witnessed: WitnessedPayment?,
    _ transaction: Transaction
  ) throws -> (RenewalPayment, [Payout]) {
    let (start, end) = try order.requireRenewable(at: transaction.now)
    let facts = try facts.get()
    if let rule = GateRule.firstBroken(by: .continuing(order, facts, at: transaction.now)) {
      throw SettlementError.gate(rule)
    }
    guard let price = order.terms.price, let period = order.renewal?.period else {
      throw SettlementError.renewal(.notRenewing)
    }
    let supply = TaxableSupply(facts)
    let rules = try TaxRuleTable(transaction.db).rules(of: supply.supplierJurisdiction)
    let tax = ValueAddedTax.charge(
      price, under: TaxRule.applying(to: supply, among: rules, at: transaction.now))
    let (transferID, payouts) = try Escrow(ledger, transaction, witnessed).renew(
      order, from: start, until: end, taxedBy: tax, between: InvoiceParties(facts))
    let payment = RenewalPayment(
      period: period + 1, start: start, end: end, transferID: transferID, tax: tax)
    return (payment, payouts)
  }
}
