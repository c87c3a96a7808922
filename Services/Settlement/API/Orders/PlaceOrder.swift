import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func placeOrder(
    _ request: SettlementV1.PlaceOrderRequest, _ context: CallContext
  ) async throws -> SettlementV1.PlaceOrderResponse {
    if let answer: SettlementV1.PlaceOrderResponse = try await transactor.replay(
      of: request, context)
    {
      return answer
    }
    let caller = try context.participant()
    let found = try await directory.facts(
      offer: request.offerID, consumer: caller.participantID, isPlacing: true, context)
    if case .success(let facts) = found {
      try ledger.partitions.require(
        facts.offer.terms.price.amount?.currency ?? IdentityV1.RoutingTable.currencyOfFreeOrders,
        caller.environment, caller.participantID)
    }
    return try await transactor.mutate(request, context) { [deadlines] transaction in
      transaction.concerns("offer/\(request.offerID)")
      let facts = try found.get()
      transaction.concerns("product/\(facts.product.id)", "participant/\(facts.provider.id)")
      let wish = OrderWish(
        environment: caller.environment, offerETag: request.offerEtag, purpose: request.purpose)
      if let rule = GateRule.firstBroken(by: .placing(wish, facts, at: transaction.now)) {
        throw SettlementError.gate(rule)
      }
      let supply = TaxableSupply(facts)
      let rules = try TaxRuleTable(transaction.db).rules(of: supply.supplierJurisdiction)
      let rule = TaxRule.applying(to: supply, among: rules, at: transaction.now)
      guard let terms = OrderTerms(wish, facts, rule) else {
        throw SettlementError.gate(.productWithoutRevision)
      }
      guard terms.total.map({ $0.minorUnits <= Money.limit }) ?? true else {
        throw SettlementError.gate(.offerNotPayable)
      }
      let order = Order.place(
        id: .make(at: transaction.now), agreementID: .make(at: transaction.now), terms: terms,
        deadlines: deadlines.deadlines, at: transaction.now)
      try OrderTable(transaction.db).insert(order)
      try transaction.emit(AuditEvent("order.placed", order))
      return SettlementV1.PlaceOrderResponse(
        order: SettlementV1.Order(order, at: transaction.now))
    }
  }
}

extension OrderTerms {
  /// The terms of an offer, frozen; nil when the product has nothing to deliver.
  fileprivate init?(_ wish: OrderWish, _ facts: TradeFacts, _ rule: TaxRule?) {
    guard let revision = facts.revision, let manifest = revision.manifestSHA256 else { return nil }
    let offered = facts.offer.terms
    let price = offered.price.amount
    self.init(
      consumerID: facts.consumer.id, providerID: facts.provider.id, offerID: facts.offer.id,
      offerETag: facts.offer.etag, productID: facts.product.id, revisionID: revision.id,
      manifestSHA256: manifest, sizeBytes: revision.sizeBytes,
      connectorAddress: revision.connectorAddress, environment: wish.environment,
      price: price, split: price == nil ? [] : offered.split, policy: offered.policy,
      purpose: wish.purpose, pricing: price == nil ? nil : offered.price,
      tax: price.map { ValueAddedTax.charge($0, under: rule) })
  }
}
