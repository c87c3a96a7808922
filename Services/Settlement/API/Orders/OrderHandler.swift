import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Carries trades from the order to the payout. One file for each RPC.
struct OrderHandler: OrderServiceHandler {
  let transactor: Transactor
  let ledger: Ledger
  let directory: TradeDirectory
  let deadlines: DeadlineKeeper
  let grants: GrantSigner
  let trust: TrustAnchorSource
  let revocations: RevocationView
  let changes: OrderChanges
  /// Nil when no payout waits for witnesses.
  let witness: PayoutWitness?

  /// The caller, who acts as the consumer of an order.
  /// - Throws: `PartitionRule.wrongPartition` when its orders are elsewhere.
  func consumer(_ context: CallContext) throws -> ParticipantCaller {
    let caller = try context.participant()
    try ledger.partitions.require(caller.participantID)
    return caller
  }

  /// Loads an order to act on as its consumer.
  /// - Throws: `SettlementError.orderNotFound`, for orders of which the caller is no consumer too.
  func load(
    _ id: OrderID, ofConsumer consumer: ParticipantID, _ transaction: Transaction
  ) throws -> Order {
    let order = try load(id, for: consumer, transaction)
    guard order.terms.consumerID == consumer else { throw SettlementError.orderNotFound(id) }
    return order
  }

  /// Loads an order to act on, and names it for the audit log.
  /// - Throws: `SettlementError.orderNotFound`, for others' orders too.
  func load(
    _ id: OrderID, for participant: ParticipantID, _ transaction: Transaction
  ) throws -> Order {
    try load(id, as: .participant(participant), transaction)
  }

  func load(_ id: OrderID, as viewer: Viewer, _ transaction: Transaction) throws -> Order {
    transaction.concerns("order/\(id)")
    guard let order = try OrderTable(transaction.db).find(id), viewer.sees(order)
    else { throw ledger.partitions.unknown(.orderNotFound(id)) }
    return order
  }

  /// What the gates need to know of an order that the consumer acts on; nil when it has no such order,
  /// which the transaction then finds out.
  /// - Throws: `SettlementError.dependency`.
  func facts(
    of id: OrderID, for consumer: ParticipantID, _ context: CallContext
  ) async throws -> Result<TradeFacts, SettlementError>? {
    let order = try await transactor.database.read { try OrderTable($0).find(id) }
    guard let order, order.terms.consumerID == consumer else { return nil }
    return try await directory.facts(
      offer: order.terms.offerID, consumer: consumer, consents: order.terms.consents.map(\.id),
      order: id, context)
  }

  /// Checks the gates of an order that exists.
  /// - Returns: the facts.
  /// - Throws: `SettlementError.gate`, or why the facts could not be found.
  @discardableResult
  func checkGates(
    _ order: Order, _ facts: Result<TradeFacts, SettlementError>?, at now: Timestamp
  ) throws -> TradeFacts {
    guard let facts = try facts?.get() else { throw SettlementError.orderNotFound(order.id) }
    let latest = facts.following(revocations)
    if let rule = GateRule.firstBroken(by: .continuing(order, latest, at: now)) {
      throw SettlementError.gate(rule)
    }
    return facts
  }
}

extension TradeFacts {
  /// The same with what the revocation feed has said of the consents since identity was asked.
  func following(_ revocations: RevocationView) -> TradeFacts {
    var facts = self
    for index in facts.consents.indices {
      let id = facts.consents[index].consent.artefact.consentID
      if revocations.isWithdrawn(id) {
        facts.consents[index].consent.state = .withdrawn
      } else if revocations.isPaused(id) {
        facts.consents[index].consent.state = .paused
      }
    }
    return facts
  }
}
