import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import Stubs
import TestSupport
import Testing

@testable import SettlementAPI

/// Orders of personal data: a free product about health, and a citizen's consent.
struct ConsentOrderTests {
  let market: TestMarket
  let consent: IdentityV1.Consent

  init() async throws {
    market = try await TestMarket(price: nil)
    market.offerPersonalData(price: nil)
    consent = market.consent()
    market.directory.set(consent)
  }

  private var id: ConsentID { consent.artefact.consentID }

  private func place(
    _ ids: [ConsentID], requestID: RequestID? = nil
  ) async throws -> SettlementV1.PlaceOrderResponse {
    try await market.place(on: ids, requestID: requestID)
  }

  private func story(_ order: SettlementV1.Order) async throws -> [String] {
    try await market.story(of: "order/\(order.id)")
  }

  @Test func orderRestsOnTheConsentItNamesAndUsesItOnce() async throws {
    await expectRefusal("CONSENT_REQUIRED") { try await place([]) }
    await expectRefusal("CONSENT_NOT_FOUND") { try await place([ConsentID(high: 6, low: 6)]) }
    let request = market.requestID()
    let placed = try await place([id, id], requestID: request)
    #expect(placed.order.state == .delivering && placed.order.consentIDs == [id])
    #expect(placed.order.agreement?.validUntil == consent.artefact.expireTime)
    #expect(try await place([id, id], requestID: request).replayed)
    #expect(market.directory.uses(of: id) == [placed.order.id])
    await expectRefusal("CONSENT_USED") { try await place([id]) }
    #expect(try await market.get(placed.order).consentIDs == [id])
    _ = try await market.grant(placed.order)
    await market.shutdown()
  }

  /// The process died after identity had used the consent and before the order was written.
  @Test func retryAfterACrashUsesTheConsentForTheSameOrder() async throws {
    let request = market.requestID()
    let fixed = OrderID.placed(by: request, of: market.consumer.participantID)
    try await market.service.database.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER crash BEFORE INSERT ON orders BEGIN SELECT RAISE(ABORT, 'crash'); END
          """)
    }
    await #expect(throws: RPCStatus.self) { try await place([id], requestID: request) }
    #expect(market.directory.uses(of: id) == [fixed])
    try await market.service.database.write { try $0.execute(sql: "DROP TRIGGER crash") }
    #expect(try await place([id], requestID: request).order.id == fixed)
    #expect(market.directory.uses(of: id) == [fixed])
    // Once the outcome of the request is forgotten, its order still answers it.
    try await market.service.database.write { try $0.execute(sql: "DELETE FROM idempotency") }
    #expect(try await place([id], requestID: request).order.id == fixed)
    await market.shutdown()
  }

  @Test func consentThatAGateRefusesIsNotUsedUp() async throws {
    var wrong = consent
    wrong.artefact.purpose = "statistics"
    market.directory.set(wrong)
    await expectRefusal("CONSENT_PURPOSE_MISMATCH") { try await place([id]) }
    #expect(market.directory.uses(of: id).isEmpty)
    var foreign = consent
    foreign.artefact.environment = .sandbox
    market.directory.set(foreign)
    await expectRefusal("CONSENT_ENVIRONMENT_MISMATCH") { try await place([id]) }
    // Nor would the database take it.
    market.directory.set(consent)
    let order = try await place([id]).order
    await #expect(throws: DatabaseError.self) {
      try await market.service.database.write { db in
        try db.execute(
          sql: """
            INSERT INTO order_consent SELECT number, 1, ?, ?, 2, 1 FROM orders WHERE id = ?
            """, arguments: [ConsentID(high: 7, low: 7), TradeSamples.subjectID, order.id])
      }
    }
    await market.shutdown()
  }

  @Test func everyGrantAsksAgain() async throws {
    let order = try await place([id]).order
    _ = try await market.grant(order)
    for (state, reason) in [
      (IdentityV1.ConsentState.paused, "CONSENT_PAUSED"), (.withdrawn, "CONSENT_WITHDRAWN"),
      (.expired, "CONSENT_EXPIRED"), (.requested, "CONSENT_NOT_GIVEN"),
    ] {
      var changed = consent
      changed.state = state
      market.directory.set(changed)
      await expectRefusal(reason) { try await market.grant(order) }
    }
    market.directory.set(consent)
    // What the feed has said counts, even when identity was asked before it.
    market.tell(.consentPause(id), epoch: 1, isBlocked: true)
    await expectRefusal("CONSENT_PAUSED") { try await market.grant(order) }
    market.tell(.consentPause(id), epoch: 2, isBlocked: false)
    _ = try await market.grant(order)
    await market.shutdown()
  }

  @Test func withdrawalEndsTheAgreementAndThoseWhoWatchHearOfIt() async throws {
    let order = try await place([id]).order
    _ = try await market.grant(order)
    let running = Task { try await market.follower().run() }
    market.tell(.consent(id), epoch: 1, isBlocked: true)
    for try await step in market.deliveries.watchOrders(SettlementV1.WatchOrdersRequest()) {
      guard let last = step.changes.last, last.agreementState == .terminated else { continue }
      #expect(last.order.id == order.id && last.order.state == .refunded)
      #expect(last.order.refusalReason == "CONSENT_WITHDRAWN")
      break
    }
    running.cancel()
    try await running.value
    #expect(try await story(order).last == "agreement.terminated")
    await expectRefusal("ORDER_STATE_CONFLICT") { try await market.grant(order) }
    await market.shutdown()
  }

  @Test func pauseHoldsTheAgreementUpWhateverTheProviderDoes() async throws {
    let order = try await place([id]).order
    let follower = try market.follower()
    market.tell(.consentPause(id), epoch: 1, isBlocked: true)
    var epoch = try await follower.follow(after: 0)
    #expect(try await market.get(order).agreement?.state == .suspended)
    #expect(try await follower.follow(after: 0) == epoch)
    await expectRefusal("CONSENT_PAUSED") {
      try await market.deliveries.resumeAgreement(
        SettlementV1.ResumeAgreementRequest(
          requestID: market.requestID(), orderID: order.id, reason: "done"))
    }
    _ = try await market.deliveries.suspendAgreement(
      SettlementV1.SuspendAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "maintenance"))
    market.tell(.consentPause(id), epoch: 2, isBlocked: false)
    epoch = try await follower.follow(after: epoch)
    #expect(epoch == 2)
    #expect(try await market.get(order).agreement?.state == .suspended)
    _ = try await market.deliveries.resumeAgreement(
      SettlementV1.ResumeAgreementRequest(
        requestID: market.requestID(), orderID: order.id, reason: "done"))
    #expect(try await market.get(order).agreement?.state == .active)
    #expect(
      try await story(order) == [
        "order.placed", "agreement.paused", "order.resume_agreement CONSENT_PAUSED",
        "agreement.suspended", "agreement.resumed",
        "agreement.resumed",
      ])
    await market.shutdown()
  }
}

/// The same for a price, which only a named law allows.
struct ConsentSaleTests {
  @Test func personalDataAreNotSoldUnlessALawIsNamed() async throws {
    let market = try await TestMarket()
    market.offerPersonalData()
    let account = try await market.deposit(2_000_000)
    let consent = market.consent()
    market.directory.set(consent)
    let id = consent.artefact.consentID
    await expectRefusal("PERSONAL_DATA_NOT_FOR_SALE") { try await market.place(on: [id]) }
    #expect(market.directory.uses(of: id).isEmpty)
    var allowed = consent
    allowed.artefact.saleBasis = "Law 1/2030/QH17, article 2"
    market.directory.set(allowed)
    let order = try await market.place(on: [id]).order
    var withdrawn = allowed
    withdrawn.state = .withdrawn
    market.directory.set(withdrawn)
    await expectRefusal("CONSENT_WITHDRAWN") { try await market.fund(order, from: account) }
    #expect(try await market.balance(account) == 2_000_000)
    market.tell(.consent(id), epoch: 1, isBlocked: true)
    _ = try await market.follower().follow(after: 0)
    let cancelled = try await market.get(order)
    #expect(cancelled.state == .cancelled && cancelled.refusalReason == "CONSENT_WITHDRAWN")
    await market.shutdown()
  }

  @Test func withdrawalBeforeDeliveryGivesTheMoneyBackAndAfterwardsLeavesIt() async throws {
    let market = try await TestMarket()
    market.offerPersonalData()
    let account = try await market.deposit(4_000_000)
    var orders: [SettlementV1.Order] = []
    for number in 1...2 {
      var consent = market.consent(ConsentID(high: 5, low: UInt64(number)))
      consent.artefact.saleBasis = "Law 1/2030/QH17, article 2"
      market.directory.set(consent)
      let placed = try await market.place(on: [consent.artefact.consentID]).order
      orders.append(try await market.grant(try await market.fund(placed, from: account)).order)
    }
    orders[1] = try await market.confirm(
      orders[1], try market.receipt(try market.statement(of: orders[1])))
    for (index, order) in orders.enumerated() {
      market.tell(.consent(order.consentIDs[0]), epoch: Int64(index + 1), isBlocked: true)
    }
    _ = try await market.follower().follow(after: 0)
    let (first, second) = (try await market.get(orders[0]), try await market.get(orders[1]))
    #expect(first.state == .refunded && first.agreement?.state == .terminated)
    #expect(second.state == .delivered && second.agreement?.state == .terminated)
    #expect(try await market.balance(account) == 2_000_000)
    #expect(try await market.accept(second).state == .settled)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }
}

extension TestMarket {
  /// The product is about people's health from now on, and copies may be kept for 30 days.
  func offerPersonalData(price: Int64? = 2_000_000, paying person: ParticipantID? = nil) {
    var facts = facts(price: price)
    if let person {
      facts.offer.terms.split[2] = TypeV1.SplitShare(
        beneficiary: .dataSubjectsFund, participantID: person, weight: 5)
      facts.beneficiaries = [TradeSamples.participant(person)]
    }
    facts.product.description.personalData = .basic
    facts.product.description.themes = ["health"]
    facts.offer.terms.policy.retentionDays = 30
    directory.set(facts)
  }

  /// A consent to the trade of this market.
  func consent(_ id: ConsentID = ConsentID(high: 5, low: 1)) -> IdentityV1.Consent {
    TradeSamples.consent(
      id, consumer: consumer.participantID, provider: provider.participantID, at: time.now)
  }

  func place(
    on consents: [ConsentID], requestID: RequestID? = nil
  ) async throws -> SettlementV1.PlaceOrderResponse {
    try await orders.placeOrder(
      SettlementV1.PlaceOrderRequest(
        requestID: requestID ?? self.requestID(), offerID: offerID, offerEtag: "v1",
        purpose: "research", consentIDs: consents))
  }

  /// Says something on the revocation feed.
  func tell(_ subject: RevocationSubject, epoch: Int64, isBlocked: Bool) {
    service.context.revocations.apply(
      [RevocationEntry(epoch: epoch, subject: subject, notBefore: time.now, isBlocked: isBlocked)],
      epoch: epoch, asOf: time.now)
  }

  /// The service's own, which a test runs when it wants to.
  func follower() throws -> ConsentFollower {
    guard let found = service.parts.services.lazy.compactMap({ $0 as? ConsentFollower }).first
    else { throw MarketError.notStored }
    return found
  }
}
