import Client
import Foundation
import Model
import RPC
import Stubs
import Testing

/// Bad input through the real services: a clear refusal with a stable reason, and nothing changes.
@Suite(.serialized) struct BadInputTests {
  private var request: RequestID { .make(at: WallClock.system.now()) }

  @Test func badInputIsRefusedWithAReasonAndChangesNothing() async throws {
    let market = try await Market.open()
    let before = try await market.snapshot()
    await refuseUnknownIdentifiers(market)
    await refuseMoneyThatCannotBe(market)
    await refuseTextThatCannotBe(market)
    try await surviveACraftedPageToken(market)
    try await refuseReuseOfRequestID(market)
    try await refuseWhatBelongsToOthers(market)
    #expect(try await market.snapshot() == before)
    await market.close()
  }

  private func refuseUnknownIdentifiers(_ market: Market) async {
    await expectRefusal(.notFound, "OFFER_NOT_FOUND") {
      _ = try await market.company.orders.placeOrder(
        .init(
          requestID: request, offerID: .make(at: .earliest), offerEtag: "1", purpose: "research"))
    }
    await expectRefusal(.notFound, "ORDER_NOT_FOUND") {
      _ = try await market.company.orders.getOrder(.init(orderID: .make(at: .earliest)))
    }
    await expectRefusal(.notFound, "PRODUCT_NOT_FOUND") {
      _ = try await market.ministry.products.submitProduct(
        .init(requestID: request, productID: .make(at: .earliest)))
    }
    await expectRefusal(.failedPrecondition, "OFFER_CHANGED") {
      _ = try await market.company.orders.placeOrder(
        .init(
          requestID: request, offerID: market.offer.id, offerEtag: "stale", purpose: "research"))
    }
  }

  private func refuseMoneyThatCannotBe(_ market: Market) async {
    for amount in [0, -1, Money.limit + 1] {
      await expectRefusal(
        .invalidArgument, "INVALID_FIELD", field: "terms.price.amount.minor_units"
      ) {
        var terms = market.offer.terms
        terms.price.amount?.minorUnits = amount
        _ = try await market.ministry.offers.createOffer(
          .init(requestID: request, productID: market.offer.productID, terms: terms))
      }
    }
    let officer = market.officer
    let external = market.externalAccount
    for (amount, currency) in [
      (Int64(0), "VND"), (-5, "VND"), (Money.limit + 1, "VND"), (5, "XXQ"),
    ] {
      let result = try? await officer.ledger.submitTransfers(
        .init(transfers: [
          .init(
            id: .make(at: WallClock.system.now()), kind: .post, debitAccountID: external,
            creditAccountID: market.account, amount: amount, currencyCode: currency)
        ])
      ).results.first
      #expect(result?.outcome == .shapeInvalid)
      #expect(result?.field == (currency == "VND" ? "amount" : "currency_code"))
    }
  }

  /// The token of a list of tax rules, after the one with the largest number that there is.
  private func surviveACraftedPageToken(_ market: Market) async throws {
    let scope: [UInt8] = [0xe3, 0xb0, 0xc4, 0x42]
    let number = withUnsafeBytes(of: Int64.max.bigEndian) { Array($0) }
    let token = Data([1] + scope + number).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    let rules = try await market.company.taxes.listTaxRules(.init(pageToken: token)).rules
    #expect(rules.isEmpty)
    let all = try await market.company.taxes.listTaxRules(.init()).rules
    #expect(!all.isEmpty)
  }

  private func refuseTextThatCannotBe(_ market: Market) async {
    func create(_ title: String, _ keyword: String = "tỉnh") async throws {
      _ = try await market.ministry.products.createProduct(
        .init(
          requestID: request,
          description: .init(
            title: .init(vi: title), description: .init(vi: "Mô tả"), keywords: [keyword],
            dataClass: .open, personalData: .none)))
    }
    await expectRefusal(.invalidArgument, "INVALID_FIELD", field: "description.title.vi") {
      try await create(String(repeating: "a", count: 4_001))
    }
    await expectRefusal(.invalidArgument, "INVALID_FIELD", field: "description.title.vi") {
      try await create("a\0b")
    }
    await expectRefusal(.invalidArgument, "INVALID_FIELD", field: "description.keywords[0]") {
      try await create("Tên", "two\nlines")
    }
    await expectRefusal(.invalidArgument, "INVALID_FIELD", field: "description.title.vi") {
      try await create("")
    }
  }

  private func refuseReuseOfRequestID(_ market: Market) async throws {
    let used = market.offerRequestID
    var terms = market.offer.terms
    terms.licence = "other"
    await expectRefusal(.alreadyExists, "REQUEST_ID_REUSED") {
      _ = try await market.ministry.offers.createOffer(
        .init(requestID: used, productID: market.offer.productID, terms: terms))
    }
    let replay = try await market.ministry.offers.createOffer(
      .init(requestID: used, productID: market.offer.productID, terms: Market.terms))
    #expect(replay.replayed)
    #expect(replay.offer.id == market.offer.id)
  }

  private func refuseWhatBelongsToOthers(_ market: Market) async throws {
    await expectRefusal(.notFound, "ORDER_NOT_FOUND") {
      _ = try await market.stranger.orders.getOrder(.init(orderID: market.order.id))
    }
    await expectRefusal(.notFound, "ORDER_NOT_FOUND") {
      _ = try await market.stranger.orders.fundOrder(
        .init(requestID: request, orderID: market.order.id, accountID: market.account))
    }
    await expectRefusal(.failedPrecondition, "ORDER_STATE_CONFLICT") {
      _ = try await market.company.orders.acceptDelivery(
        .init(requestID: request, orderID: market.order.id))
    }
    await expectRefusal(.failedPrecondition, "ORDER_STATE_CONFLICT") {
      _ = try await market.company.orders.issueGrant(
        .init(requestID: request, orderID: market.order.id))
    }
    await expectRefusal(.permissionDenied, "ROLE_REQUIRED") {
      _ = try await market.company.products.submitProduct(
        .init(requestID: request, productID: market.offer.productID))
    }
  }
}
