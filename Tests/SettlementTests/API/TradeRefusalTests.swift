import TestSupport
import SettlementDomain
import ServiceRuntime
import Model
import RPC
import Stubs
import Testing

struct TradeRefusalTests {
  @Test func somebodyElsesOrderDoesNotExist() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let order = try await market.delivered(from: account)
    let channel = try market.service.channel(roles: [.consumer, .provider])
    let stranger = OrderServiceClient(channel)
    let (id, receipt) = (order.id, try market.receipt(try market.statement(of: order)))
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.getOrder(SettlementV1.GetOrderRequest(orderID: id))
    }
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.fundOrder(
        SettlementV1.FundOrderRequest(
          requestID: market.requestID(), orderID: id, accountID: account))
    }
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.cancelOrder(
        SettlementV1.CancelOrderRequest(requestID: market.requestID(), orderID: id, reason: "no"))
    }
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.issueGrant(
        SettlementV1.IssueGrantRequest(requestID: market.requestID(), orderID: id))
    }
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.confirmDelivery(
        SettlementV1.ConfirmDeliveryRequest(
          requestID: market.requestID(), orderID: id, receipt: receipt))
    }
    await expectRefusal("ORDER_NOT_FOUND", .notFound) {
      try await stranger.acceptDelivery(
        SettlementV1.AcceptDeliveryRequest(requestID: market.requestID(), orderID: id))
    }
    #expect(
      try await stranger.listOrders(SettlementV1.ListOrdersRequest()).orders.isEmpty)
    #expect(try await market.get(order) == order)
    await channel.close()
    await market.shutdown()
  }

  @Test func refusalNamesGateAndRuleAndIsAudited() async throws {
    let market = try await TestMarket()
    await expectRefusal("PURPOSE_NOT_ALLOWED") { try await market.place(purpose: "marketing") }
    await expectRefusal("OFFER_CHANGED") { try await market.place(etag: "v0") }
    #expect(
      try await market.story(of: "offer/\(market.offerID)") == [
        "order.place_order PURPOSE_NOT_ALLOWED", "order.place_order OFFER_CHANGED",
      ])
    do {
      _ = try await market.place(purpose: "marketing")
    } catch let status as RPCStatus {
      #expect(status.details?.metadata == ["gate": "POLICY", "rule": "PURPOSE_NOT_ALLOWED"])
    }
    await market.shutdown()
  }

  @Test func gatesCloseBehindAnOrderThatExists() async throws {
    let market = try await TestMarket()
    let account = try await market.deposit(2_000_000)
    let placed = try await market.place()
    var facts = market.facts()
    facts.provider.state = .suspended
    market.directory.set(facts)
    await expectRefusal("PROVIDER_NOT_ACTIVE") { try await market.fund(placed, from: account) }
    #expect(try await market.balance(account) == 2_000_000)
    market.directory.set(market.facts())
    let funded = try await market.fund(placed, from: account)
    facts = market.facts()
    facts.product.state = .suspended
    market.directory.set(facts)
    await expectRefusal("PRODUCT_NOT_LISTED") { try await market.grant(funded) }
    #expect(try await market.get(funded).state == .escrowed)
    await market.shutdown()
  }

  @Test func anOfferThatPaysSomebodyOfTheSandboxIsRefused() async throws {
    let market = try await TestMarket()
    let broker = ParticipantID(high: 1, low: 3)
    var facts = market.facts()
    facts.offer.terms.split[0].participantID = broker
    for (environment, state, reason) in [
      (TypeV1.Environment.sandbox, IdentityV1.ParticipantState.active, "ENVIRONMENT_MISMATCH"),
      (.live, .suspended, "BENEFICIARY_NOT_ACTIVE"),
    ] {
      var party = TradeSamples.participant(broker, environment: environment)
      party.state = state
      facts.beneficiaries = [party]
      market.directory.set(facts)
      await expectRefusal(reason) { try await market.place() }
    }
    await market.shutdown()
  }

  @Test func paymentNeedsTheConsumersOwnMoney() async throws {
    let market = try await TestMarket()
    let poor = try await market.deposit(1_999_999)
    let order = try await market.place()
    await expectRefusal("INSUFFICIENT_FUNDS") { try await market.fund(order, from: poor) }
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await market.fund(order, from: AccountID(high: 1, low: 1))
    }
    let external = try await market.exchangeAccount(.external).id
    await expectRefusal("ACCOUNT_NOT_FOUND", .notFound) {
      try await market.fund(order, from: external)
    }
    let play = try await market.deposit(9_000_000, environment: .sandbox)
    await expectRefusal("ENVIRONMENT_MISMATCH") { try await market.fund(order, from: play) }
    #expect(try await market.balance(poor) == 1_999_999)
    #expect(try await market.get(order).state == .awaitingFunds)
    #expect(try await market.findings().isEmpty)
    await market.shutdown()
  }

  @Test func whatIsNotThereIsSaidSo() async throws {
    let market = try await TestMarket()
    await expectRefusal("OFFER_NOT_FOUND", .notFound) {
      try await market.orders.placeOrder(
        SettlementV1.PlaceOrderRequest(
          requestID: market.requestID(), offerID: OfferID(high: 9, low: 9), offerEtag: "v1",
          purpose: "research"))
    }
    await market.directory.stopCatalog()
    await expectRefusal("DEPENDENCY_UNAVAILABLE", .unavailable) { try await market.place() }
    await market.shutdown()
  }

  @Test func rolesDecideWhoMayCall() async throws {
    let market = try await TestMarket()
    await expectRefusal("ROLE_REQUIRED", .permissionDenied) {
      try await market.deliveries.placeOrder(
        SettlementV1.PlaceOrderRequest(
          requestID: market.requestID(), offerID: market.offerID, offerEtag: "v1",
          purpose: "research"))
    }
    await expectRefusal("ROLE_REQUIRED", .permissionDenied) {
      try await market.ledger.submitTransfers(
        SettlementV1.SubmitTransfersRequest(transfers: [SettlementV1.Transfer()]))
    }
    await market.shutdown()
  }
}
