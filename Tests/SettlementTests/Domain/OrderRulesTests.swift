import Model
import SettlementDomain
import Testing

struct OrderRulesTests {
  private static let now = TradeSamples.now
  private static let funding = Funding(
    accountID: AccountID(high: 6, low: 1), transferID: TransferID(high: 6, low: 2))

  private static let said = DisputeStatement(text: "so", evidence: [], createTime: now)

  /// A paid order in each of its states.
  private static func order(in state: OrderState) throws -> Order {
    var order = TradeSamples.order()
    switch state {
    case .placed:
      return Order(
        id: order.id, terms: order.terms, state: state, dueTime: now,
        createTime: now, updateTime: now)
    case .awaitingFunds: return order
    case .expired:
      order.passDeadline(.expire, at: now)
      return order
    case .cancelled:
      _ = try order.cancel(by: TradeSamples.consumerID, because: "no", at: now)
      return order
    case .escrowed, .delivering, .delivered, .settled, .refunded, .disputed, .partiallyRefunded:
      break
    }
    try order.fund(
      funding, agreementID: AgreementID(high: 3, low: 3), deadlines: .standard, at: now)
    if state == .escrowed { return order }
    _ = try order.noteGrant(at: now)
    if state == .delivering { return order }
    if state == .refunded {
      _ = try order.cancel(by: TradeSamples.providerID, because: "no", at: now)
      return order
    }
    try order.deliver(deadlines: .standard, at: now)
    if state == .delivered { return order }
    if state == .disputed || state == .partiallyRefunded {
      try order.raiseDispute(.incomplete, said, deadlines: .standard, at: now)
      if state == .disputed { return order }
      try order.respond(said, by: TradeSamples.providerID, deadlines: .standard, at: now)
      order.resolve(
        Decision(
          arbiterID: ParticipantID(high: 1, low: 9), outcome: .partialRefund, refund: 1_000,
          explanation: "half"), [], at: now)
      return order
    }
    order.settle([], endingDispute: .withdrawn, at: now)
    return order
  }

  private static let arbiterID = ParticipantID(high: 1, low: 9)
  private static let inDelivery: Set<OrderState> = [.escrowed, .delivering]
  private static let withAgreement: Set<OrderState> = [
    .escrowed, .delivering, .delivered, .disputed, .settled, .partiallyRefunded,
  ]

  /// Which states each action is legal in.
  static let legal: [(OrderAction, ParticipantID, Set<OrderState>)] = [
    (.fund, TradeSamples.consumerID, [.awaitingFunds]),
    (.cancel, TradeSamples.consumerID, [.awaitingFunds]),
    (.cancel, TradeSamples.providerID, [.escrowed, .delivering, .disputed]),
    (
      .issueGrant, TradeSamples.consumerID,
      [.escrowed, .delivering, .delivered, .settled, .partiallyRefunded]
    ),
    (.confirmDelivery, TradeSamples.providerID, [.delivering]),
    (.acceptDelivery, TradeSamples.consumerID, [.delivered, .disputed]),
    (.raiseDispute, TradeSamples.consumerID, [.delivered]),
    (.respondDispute, TradeSamples.providerID, [.disputed]),
    (.resolveDispute, arbiterID, [.disputed]),
    (.refund, TradeSamples.providerID, [.settled, .partiallyRefunded]),
    (.suspendAgreement, TradeSamples.providerID, withAgreement),
    (.resumeAgreement, TradeSamples.providerID, withAgreement),
    (.terminateAgreement, TradeSamples.providerID, withAgreement),
    (.terminateAgreement, TradeSamples.consumerID, withAgreement.subtracting(inDelivery)),
  ]

  @Test func actionsAreLegalInTheirStatesAloneAndChangeNothingElsewhere() throws {
    for (action, party, states) in Self.legal {
      for state in OrderState.allCases where state != .placed {
        var order = try Self.order(in: state)
        if action == .resumeAgreement, Self.withAgreement.contains(state) {
          try order.suspendAgreement(by: .provider, at: Self.now)
        }
        if action == .resolveDispute, state == .disputed {
          try order.respond(
            Self.said, by: TradeSamples.providerID, deadlines: .standard, at: Self.now)
          try order.respond(
            Self.said, by: TradeSamples.consumerID, deadlines: .standard, at: Self.now)
        }
        let before = order
        var thrown: SettlementError?
        do throws(SettlementError) {
          try perform(action, party, &order)
        } catch {
          thrown = error
        }
        let expected: SettlementError? =
          states.contains(state) ? nil : .orderState(state, action)
        #expect(thrown == expected, "\(action) while \(state)")
        if expected != nil { #expect(order == before) }
      }
    }
  }

  private func perform(
    _ action: OrderAction, _ party: ParticipantID, _ order: inout Order
  ) throws(SettlementError) {
    switch action {
    case .fund:
      try order.fund(
        Self.funding, agreementID: AgreementID(high: 3, low: 9), deadlines: .standard, at: Self.now)
    case .cancel: _ = try order.cancel(by: party, because: "no", at: Self.now)
    case .issueGrant: _ = try order.noteGrant(at: Self.now)
    case .confirmDelivery: try order.deliver(deadlines: .standard, at: Self.now)
    case .acceptDelivery: try order.requireAcceptable(at: Self.now)
    case .raiseDispute:
      try order.raiseDispute(.incomplete, Self.said, deadlines: .standard, at: Self.now)
    case .respondDispute:
      try order.respond(Self.said, by: party, deadlines: .standard, at: Self.now)
    case .resolveDispute:
      try order.check(
        Decision(arbiterID: party, outcome: .noRefund, refund: 0, explanation: "no"), at: Self.now)
    case .suspendAgreement:
      try order.suspendAgreement(by: Self.party(party), at: Self.now)
    case .resumeAgreement: try order.resumeAgreement(by: Self.party(party), at: Self.now)
    case .terminateAgreement:
      _ = try order.terminateAgreement(
        by: Self.party(party), because: "no", deadlines: .standard, at: Self.now)
    case .refund: try order.requireRefundable(at: Self.now)
    case .renew: _ = try order.requireRenewable(at: Self.now)
    }
  }

  private static func party(_ id: ParticipantID) -> AgreementParty {
    id == TradeSamples.consumerID ? .consumer : .provider
  }

  @Test func everyStateSaysWhoMovesItOnAndByWhen() throws {
    for state in OrderState.allCases {
      #expect((state.nextActor == .unspecified) == state.isFinal)
      #expect(state.blockedBy.isEmpty == state.isFinal)
      #expect((try Self.order(in: state).dueTime == nil) == state.isFinal)
    }
  }

  @Test(
    arguments: [
      (OrderState.awaitingFunds, 86_400, OrderState.expired),
      (.escrowed, 604_800, .refunded), (.delivering, 604_800, .refunded),
      (.delivered, 259_200, .settled), (.disputed, 432_000, .refunded),
    ] as [(OrderState, Int64, OrderState)])
  func deadlineCountsFromItsMomentOn(state: OrderState, seconds: Int64, then: OrderState) throws {
    let order = try Self.order(in: state)
    let due = Self.now.adding(seconds: seconds)
    #expect(order.dueTime == due)
    #expect(order.state(at: due.adding(microseconds: -1)) == state)
    #expect(order.state(at: due) == then)
    #expect(throws: SettlementError.orderState(then, .fund)) {
      try order.requireFundable(at: due)
    }
  }

  @Test func clockSetBackDoesNotMoveAnOrderBeforeItsPlacing() throws {
    var order = TradeSamples.order()
    let earlier = Self.now.adding(seconds: -60)
    _ = try order.cancel(by: TradeSamples.consumerID, because: "no", at: earlier)
    #expect(order.updateTime == order.createTime)
  }

  @Test func freeOrderGoesStraightToDelivery() {
    let order = TradeSamples.order(price: nil)
    #expect(order.state == .delivering)
    #expect(order.agreement?.state == .active)
    #expect(order.parts.isEmpty)
  }

  @Test func priceDividesToTheDong() {
    #expect(TradeSamples.order().parts.map(\.amount) == [1_600_000, 300_000, 100_000])
    #expect(TradeSamples.order(price: 7).parts.map(\.amount).reduce(0, +) == 7)
  }

  @Test func endedAgreementAllowsNoGrant() throws {
    var order = try Self.order(in: .settled)
    let end = Self.now.adding(seconds: OrderDeadlines.standard.agreementSeconds)
    #expect(throws: SettlementError.agreementNotActive(.expired)) { try order.noteGrant(at: end) }
  }

  @Test func refundTerminatesTheAgreement() throws {
    #expect(try Self.order(in: .refunded).agreement?.state == .terminated)
  }
}
