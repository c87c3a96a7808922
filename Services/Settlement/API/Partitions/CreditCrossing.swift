import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension CrossingHandler {
  /// The crossing's id is the idempotency key, and the id of the credit: what was decided under it is said again.
  func creditCrossing(
    _ request: SettlementV1.CreditCrossingRequest, _ context: CallContext
  ) async throws -> SettlementV1.CreditCrossingResponse {
    let own = try own()
    guard request.origin != own.name else { throw SettlementError.partition(.notAcross) }
    let crossing = request.crossing
    try ledger.partitions.require(
      crossing.amount.currency, crossing.environment, crossing.receiverID)
    let decision = try await transactor.write(context) { [ledger] transaction in
      func received(_ decision: CrossingDecision) -> ReceivedCrossing {
        ReceivedCrossing(
          id: crossing.id, origin: request.origin, receiverID: crossing.receiverID,
          creditAccountID: crossing.creditAccountID, amount: crossing.amount,
          environment: crossing.environment, orderID: crossing.orderID, decision: decision)
      }
      let table = ReceivedCrossingTable(transaction.db)
      if let known = try table.find(crossing.id) {
        guard known.isSame(as: received(known.decision)) else {
          throw SettlementError.partition(.crossingDiffers)
        }
        return known.decision
      }
      let decision = try Self.decide(crossing, from: request.origin, ledger, transaction)
      let record = received(decision)
      try table.insert(record, at: transaction.now)
      let event = decision == .credited ? "crossing.received" : "crossing.refused"
      try transaction.emit(AuditEvent(event, record))
      return decision
    }
    switch decision {
    case .credited: return SettlementV1.CreditCrossingResponse(credited: true)
    case .refused(let reason): return SettlementV1.CreditCrossingResponse(refusalReason: reason)
    }
  }

  private static func decide(
    _ crossing: SettlementV1.Crossing, from origin: String, _ ledger: Ledger,
    _ transaction: Transaction
  ) throws -> CrossingDecision {
    let currency = crossing.amount.currency
    let account: AccountID
    if let wanted = crossing.creditAccountID {
      guard let found = try ledger.account(wanted, transaction),
        found.ownerID == crossing.receiverID, found.kind == .participant
      else { return .refused(TransferOutcome.creditAccountNotFound.reason) }
      account = wanted
    } else {
      account = try ExchangeAccounts.find(
        owner: crossing.receiverID, currency, crossing.environment, transaction
      ).id
    }
    let transit = try TransitAccounts.find(for: origin, currency, crossing.environment, transaction)
    let outcome = try ledger.submit(
      [
        SettlementV1.Transfer(
          id: crossing.id, kind: .post, debitAccountID: transit, creditAccountID: account,
          amount: crossing.amount.minorUnits, currencyCode: currency.code,
          orderID: crossing.orderID)
      ], transaction)[0].outcome
    return outcome == .ok ? .credited : .refused(outcome.reason)
  }
}
