import TestSupport
import SettlementDomain
import ServiceRuntime
import Crypto
import Model
import RPC
import Stubs
import Testing

struct TradeTests {
  @Test func tradeRunsFromOrderToPayout() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(5_000_000)
    let placed = try await market.place()
    #expect(placed.state == .awaitingFunds)
    #expect(placed.blockedBy == "FUNDS_REQUIRED" && placed.nextActor == .consumer)
    #expect(placed.dueTime == market.time.now.adding(seconds: 100))

    let funded = try await market.fund(placed, from: account)
    #expect(funded.state == .escrowed && funded.agreement?.state == .active)
    let escrow = try await market.exchangeAccount(.escrow).id
    #expect(try await market.balance(escrow) == 2_000_000)
    #expect(try await market.balance(account) == 3_000_000)

    let granted = try await market.grant(funded)
    #expect(granted.order.state == .delivering)
    let keys = try await market.deliveries.getGrantKeys(SettlementV1.GetGrantKeysRequest())
    let grant = try DeliveryGrant.verify(
      granted.grant, provider: placed.providerID, keys: try JSONWebKeySet(parsing: keys.jwks),
      at: market.time.now)
    #expect(grant.orderID == placed.id && grant.revisionID == placed.revisionID)
    #expect(grant.certificateFingerprint == market.consumer.credential.leaf.fingerprint)
    #expect(grant.productID == placed.productID && grant.manifestSHA256 == placed.manifestSHA256)
    #expect(grant.expires <= market.time.now.adding(seconds: 300))

    let order = granted.order
    let delivered = try await market.confirm(
      order, try market.receipt(try market.statement(of: order)))
    #expect(delivered.state == .delivered)
    let settled = try await market.accept(delivered)
    #expect(settled.state == .settled && settled.nextActor == .unspecified)
    #expect(settled.payouts.map(\.amount.minorUnits) == [1_600_000, 300_000, 100_000])
    #expect(settled.payouts.map(\.beneficiary) == [.provider, .stateBudget, .platform])
    #expect(try await market.balance(escrow) == 0)
    #expect(try await market.balance(settled.payouts[0].accountID) == 1_600_000)
    #expect(try await market.balance(try await market.exchangeAccount(.tax).id) == 300_000)
    #expect(try await market.balance(try await market.exchangeAccount(.fee).id) == 100_000)
    #expect(try await market.findings().isEmpty)
    #expect(
      try await market.story(of: "order/\(placed.id)") == [
        "order.placed", "invoice.issued", "order.funded", "order.escrowed", "grant.issued",
        "order.delivered",
        "order.accepted", "order.settled",
      ])
    #expect(try await market.get(settled) == settled)
    await market.shutdown()
  }

  @Test func sharesGoToWhomTheyNameAndNothingIsPaidAsZero() async throws {
    let market = try await TestMarket()
    let intermediary = ParticipantID(high: 5, low: 5)
    var facts = market.facts(price: 2)
    facts.offer.terms.split = [
      TypeV1.SplitShare(beneficiary: .provider, weight: 3),
      TypeV1.SplitShare(beneficiary: .intermediary, participantID: intermediary, weight: 3),
      TypeV1.SplitShare(beneficiary: .platform, weight: 1),
    ]
    facts.beneficiaries = [TradeSamples.participant(intermediary)]
    market.directory.set(facts)
    let settled = try await market.accept(
      try await market.delivered(from: try await market.deposit(2)))
    #expect(settled.payouts.map(\.beneficiary) == [.provider, .intermediary])
    #expect(settled.payouts.map(\.amount.minorUnits) == [1, 1])
    let accounts = try await market.staff.listAccounts(
      SettlementV1.ListAccountsRequest(ownerID: intermediary)
    ).accounts
    #expect(accounts.map(\.id) == [settled.payouts[1].accountID])
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func freeTradeMovesNoMoney() async throws {
    let market = try await TestMarket(price: nil)
    let placed = try await market.place()
    #expect(placed.state == .delivering && placed.price == nil)
    let order = try await market.grant(placed).order
    let delivered = try await market.confirm(
      order, try market.receipt(try market.statement(of: order)))
    let settled = try await market.accept(delivered)
    #expect(settled.state == .settled && settled.payouts.isEmpty)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func sandboxTradeStaysInTheSandbox() async throws {
    let market = try await TestMarket(environment: .sandbox)
    let account = try await market.deposit(2_000_000, environment: .sandbox)
    let settled = try await market.accept(try await market.delivered(from: account))
    #expect(settled.environment == .sandbox)
    #expect(
      try await market.balance(try await market.exchangeAccount(.tax, .sandbox).id) == 300_000)
    #expect(try await market.balance(try await market.exchangeAccount(.tax, .live).id) == 0)
    await market.shutdown()
  }

  @Test func grantsAreIssuedAgainWhileTheAgreementLasts() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let settled = try await market.accept(try await market.delivered(from: account))
    let again = try await market.grant(settled)
    #expect(again.order.state == .settled)
    await market.shutdown()
  }

  @Test func sameRequestIsAnsweredOnce() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(5_000_000)
    let placed = try await market.place()
    let request = SettlementV1.FundOrderRequest(
      requestID: market.requestID(), orderID: placed.id, accountID: account)
    let first = try await market.orders.fundOrder(request)
    await market.directory.stopCatalog()
    let second = try await market.orders.fundOrder(request)
    #expect(!first.replayed && second.replayed)
    #expect(first.order == second.order)
    #expect(try await market.balance(account) == 3_000_000)
    var other = request
    other.accountID = AccountID(high: 1, low: 1)
    await expectRefusal("REQUEST_ID_REUSED", .alreadyExists) {
      try await market.orders.fundOrder(other)
    }
    await market.shutdown()
  }
}
