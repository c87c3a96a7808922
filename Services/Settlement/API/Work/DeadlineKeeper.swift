import Logging
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

/// Makes deadlines come true in the database: an order that was not paid expires, one that was not
/// delivered is refunded, one that was not objected to settles, a dispute ends as its silence says. Rules count by time in any case;
/// this writes it down and moves the money.
struct DeadlineKeeper: Sendable {
  let transactor: Transactor
  let ledger: Ledger
  let deadlines: OrderDeadlines
  /// Nil when no payout waits for witnesses.
  let witness: PayoutWitness?
  let logger: Logger

  /// Ends one order if its deadline has passed.
  func enforce(_ id: OrderID) async throws {
    let context = CallContext.own(service: SettlementService.name, work: "Timekeeper")
    let payment = try await payment(of: id, context)
    try await transactor.write(context) { [ledger] transaction in
      guard var order = try OrderTable(transaction.db).find(id),
        let effect = order.deadlineEffect(at: transaction.now)
      else { return }
      let escrow = Escrow(ledger, transaction, payment)
      switch effect {
      case .expire:
        order.passDeadline(effect, at: transaction.now)
        try transaction.emit(AuditEvent("order.expired", order))
      case .refund:
        try escrow.refund(order)
        order.passDeadline(effect, at: transaction.now)
        try transaction.emit(AuditEvent("order.refunded", order))
      case .charge:
        let meter = try UsageTable(transaction.db).meter(of: id)
        order.settleUsage(try escrow.charge(order, for: meter), at: transaction.now)
        try transaction.emit(AuditEvent("order.settled", order, meter.audited("usage period")))
      case .settle:
        let isDisputed = order.state == .disputed
        order.settle(try escrow.payOut(order), endingDispute: .undecided, at: transaction.now)
        try transaction.emit(
          AuditEvent(
            "order.settled", order,
            ["by": isDisputed ? "decision overdue" : "acceptance window"]))
      }
      try OrderTable(transaction.db).update(order)
    }
  }

  /// What the order needs to pay out, if that is what its deadline means.
  private func payment(
    of id: OrderID, _ context: CallContext
  ) async throws -> WitnessedPayment? {
    let now = transactor.clock.now()
    let order = try await transactor.database.read { try OrderTable($0).find(id) }
    switch order?.deadlineEffect(at: now) {
    case .settle, .charge: return try await witness?.payment(of: id, context)
    case .expire, .refund, nil: return nil
    }
  }

  /// The same, where an order that cannot be ended, say because an account is frozen, is logged and holds up nobody.
  func tryToEnforce(_ id: OrderID) async throws {
    do {
      try await enforce(id)
    } catch let error as any DomainError {
      note(error, of: id)
    }
  }

  private func note(_ error: any DomainError, of id: OrderID) {
    logger.warning(
      "an order is overdue and cannot be ended",
      metadata: ["order": "\(id)", "reason": "\(error.reason)"])
  }

  /// Ends every order whose deadline has passed. One that cannot be ended holds up nobody.
  ///
  /// - Throws: `RuntimeError` when the database cannot be written: then nothing is decided on what is not ended yet.
  /// - Returns: the next deadline to come; nil when there is none.
  func enforceDue() async throws -> Timestamp? {
    let now = transactor.clock.now()
    let due = try await transactor.database.read { try OrderTable($0).due(at: now) }
    for id in due {
      do {
        try await enforce(id)
      } catch let error as any DomainError where !(error is RuntimeError) {
        note(error, of: id)
      }
    }
    return try await transactor.database.read { try OrderTable($0).nextDueTime(after: now) }
  }
}
