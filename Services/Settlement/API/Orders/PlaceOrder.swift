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
    let wish = OrderWish(
      environment: caller.environment, offerETag: request.offerEtag, purpose: request.purpose,
      consentIDs: request.consentIDs.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    // Fixed before a consent is used for it: a retry after a crash uses the consent for the same order.
    let fixedID =
      wish.consentIDs.isEmpty
      ? nil : OrderID.placed(by: request.requestID, of: caller.participantID)
    var found = try await directory.facts(
      offer: request.offerID, consumer: caller.participantID, consents: wish.consentIDs,
      order: fixedID, isPlacing: true, context)
    if case .success(let facts) = found {
      try ledger.partitions.require(
        facts.offer.terms.price.amount?.currency ?? IdentityV1.RoutingTable.currencyOfFreeOrders,
        caller.environment, caller.participantID)
    }
    if let fixedID, let refusal = try await use(wish, for: fixedID, found, context) {
      found = .failure(refusal)
    }
    return try await transactor.mutate(request, context) {
      [deadlines, revocations, found] transaction in
      transaction.concerns("offer/\(request.offerID)")
      // The outcome of the request is forgotten after a time, its order is not.
      if let fixedID, let order = try OrderTable(transaction.db).find(fixedID) {
        guard order.terms.offerID == request.offerID else { throw RuntimeError.requestIDReused }
        return SettlementV1.PlaceOrderResponse(
          order: SettlementV1.Order(order, at: transaction.now))
      }
      let facts = try found.get().following(revocations)
      transaction.concerns("product/\(facts.product.id)", "participant/\(facts.provider.id)")
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
        id: fixedID ?? .make(at: transaction.now), agreementID: .make(at: transaction.now),
        terms: terms,
        deadlines: deadlines.deadlines, at: transaction.now)
      try OrderTable(transaction.db).insert(order)
      try transaction.emit(AuditEvent("order.placed", order))
      return SettlementV1.PlaceOrderResponse(
        order: SettlementV1.Order(order, at: transaction.now))
    }
  }

  /// Uses the consents for the order, unless a gate refuses it anyway: what is not ordered uses up nothing.
  private func use(
    _ wish: OrderWish, for order: OrderID, _ found: Result<TradeFacts, SettlementError>,
    _ context: CallContext
  ) async throws -> SettlementError? {
    guard case .success(let facts) = found,
      GateRule.firstBroken(by: .placing(wish, facts, at: transactor.clock.now())) == nil
    else { return nil }
    return try await directory.consume(wish.consentIDs, for: order, context)
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
      tax: price.map { ValueAddedTax.charge($0, under: rule) },
      consents: wish.consentIDs.compactMap { id in
        facts.consents.lazy.map(\.consent).first { $0.artefact.consentID == id }.flatMap {
          OrderConsent($0)
        }
      })
  }
}

extension OrderConsent {
  /// Nil when identity does not say whom it is about, which it does to services.
  fileprivate init?(_ consent: IdentityV1.Consent) {
    guard let subject = consent.subjectID else { return nil }
    self.init(
      id: consent.artefact.consentID, subjectID: subject,
      environment: consent.artefact.environment, expires: consent.artefact.expireTime)
  }
}
