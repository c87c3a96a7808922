import Model
import SettlementDomain
import Testing

struct DisputeRulesTests {
  private static let now = TradeSamples.now
  private static let arbiterID = ParticipantID(high: 1, low: 9)
  private static let said = DisputeStatement(text: "so", evidence: [], createTime: now)
  private static let deadlines = OrderDeadlines(
    answerSeconds: 10, replySeconds: 20, decisionSeconds: 30)

  private func disputed() throws -> Order {
    var order = TradeSamples.order(price: nil)
    try order.deliver(deadlines: Self.deadlines, at: Self.now)
    try order.raiseDispute(.unusable, Self.said, deadlines: Self.deadlines, at: Self.now)
    return order
  }

  private func time(_ seconds: Int64) -> Timestamp { Self.now.adding(seconds: seconds) }

  private func decision(
    _ outcome: DisputeOutcome, refund: Int64 = 0, by arbiter: ParticipantID = arbiterID
  ) -> Decision {
    Decision(arbiterID: arbiter, outcome: outcome, refund: refund, explanation: "because")
  }

  @Test func silentProviderLosesAndAnsweringMovesTheTurn() throws {
    var order = try disputed()
    #expect(order.nextActor(at: Self.now) == .provider)
    #expect(order.blockedBy(at: Self.now) == "ANSWER_REQUIRED")
    #expect(order.nextDueTime(at: Self.now) == time(10))
    #expect(order.deadlineEffect(at: time(10)) == .refund)
    try order.respond(
      Self.said, by: TradeSamples.providerID, deadlines: Self.deadlines, at: time(9))
    #expect(order.nextActor(at: time(9)) == .consumer)
    #expect(order.nextDueTime(at: time(9)) == time(29))
    #expect(order.nextActor(at: time(29)) == .arbiter)
    #expect(order.nextDueTime(at: time(29)) == time(59))
    #expect(order.deadlineEffect(at: time(58)) == nil)
    #expect(order.deadlineEffect(at: time(59)) == .settle)
  }

  @Test func replyShortensTheWaitForTheArbiter() throws {
    var order = try disputed()
    try order.respond(
      Self.said, by: TradeSamples.providerID, deadlines: Self.deadlines, at: Self.now)
    try order.respond(
      Self.said, by: TradeSamples.consumerID, deadlines: Self.deadlines, at: time(1))
    #expect(order.nextActor(at: time(1)) == .arbiter)
    #expect(order.nextDueTime(at: time(1)) == time(31))
    #expect(throws: SettlementError.dispute(.notYourTurn)) {
      try order.respond(
        Self.said, by: TradeSamples.consumerID, deadlines: Self.deadlines, at: time(2))
    }
  }

  @Test func arbiterIsNoPartyAndWaitsForBothSides() throws {
    var order = try disputed()
    #expect(throws: SettlementError.dispute(.notYourTurn)) {
      try order.check(decision(.noRefund), at: Self.now)
    }
    try order.respond(
      Self.said, by: TradeSamples.providerID, deadlines: Self.deadlines, at: Self.now)
    #expect(throws: SettlementError.dispute(.notYourTurn)) {
      try order.check(decision(.noRefund), at: time(19))
    }
    for party in [TradeSamples.consumerID, TradeSamples.providerID] {
      #expect(throws: SettlementError.dispute(.arbiterIsParty)) {
        try order.check(decision(.noRefund, by: party), at: time(20))
      }
    }
    for outcome in [DisputeOutcome.unanswered, .undecided, .conceded, .withdrawn] {
      #expect(throws: SettlementError.dispute(.outcomeNotADecision)) {
        try order.check(decision(outcome), at: time(20))
      }
    }
    // Nothing was paid, so no part of it can go back.
    #expect(throws: SettlementError.dispute(.refundOutOfRange)) {
      try order.check(decision(.partialRefund, refund: 1), at: time(20))
    }
    try order.check(decision(.fullRefund), at: time(20))
  }

  @Test func whatTheExchangeSuspendsTheProviderCannotResume() throws {
    var order = TradeSamples.order(price: nil)
    try order.suspendAgreement(by: .provider, at: Self.now)
    #expect(throws: SettlementError.agreementNotActive(.suspended)) {
      try order.noteGrant(at: Self.now)
    }
    try order.suspendAgreement(by: .exchange, at: Self.now)
    #expect(throws: SettlementError.suspendedByExchange) {
      try order.resumeAgreement(by: .provider, at: Self.now)
    }
    try order.resumeAgreement(by: .exchange, at: Self.now)
    _ = try order.noteGrant(at: Self.now)
    #expect(throws: SettlementError.agreementNotSuspended) {
      try order.resumeAgreement(by: .exchange, at: Self.now)
    }
  }

  @Test func refundsInAnySequenceAreExactAndNeverGoBackwards() {
    var random = SplitMix64(seed: 4_0004)
    for _ in 0..<2_000 {
      let count = Int.random(in: 1...16, using: &random)
      let weights = (0..<count).map { _ in Int64.random(in: 1...1_000_000, using: &random) }
      let limit: Int64 = Bool.random(using: &random) ? 50 : Money.limit
      let price = Int64.random(in: 1...limit, using: &random)
      let parts = LargestRemainder.split(price, by: weights)
      var left = parts
      var refunded: Int64 = 0
      while refunded < price {
        let amount =
          Int.random(in: 0..<5, using: &random) == 0
          ? price - refunded : Int64.random(in: 1...(price - refunded), using: &random)
        let given = RefundRule.divide(amount, over: left)
        #expect(given.reduce(0, +) == amount)
        #expect(zip(given, left).allSatisfy { $0 >= 0 && $0 <= $1 })
        #expect(RefundRule.rest(of: left, after: amount) == zip(left, given).map { $0 - $1 })
        left = zip(left, given).map { $0 - $1 }
        refunded += amount
      }
      #expect(left.allSatisfy { $0 == 0 })
    }
  }

  @Test func refundIsNotTheDifferenceOfTwoSplits() {
    // Split by 6:6:2, 11 is 5, 5, 1 and 10 is 4, 4, 2: the third share would grow by a refund of 1.
    #expect(RefundRule.rest(of: LargestRemainder.split(11, by: [6, 6, 2]), after: 1)[2] <= 1)
  }
}
