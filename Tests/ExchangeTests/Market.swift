import Client
import Foundation
import Model
import RPC
import Stubs
import TestSupport

/// A local exchange with parties that can trade: a ministry with a listed product on offer, a company
/// with money and one order that waits for it, and a stranger with nothing.
struct Market {
  static let price: Int64 = 2_000_000
  /// Provider, State budget, platform: the price does not divide evenly.
  static let weights: [Int32] = [6, 2, 1]
  /// The largest remainder of `price` by `weights`.
  static let parts: [Int64] = [1_333_333, 444_445, 222_222]
  static let deposit: Int64 = 100_000_000

  let exchange: LocalExchange
  let ministry: ExchangeConnection
  let company: ExchangeConnection
  let stranger: ExchangeConnection
  let officer: ExchangeConnection
  let auditor: ExchangeConnection
  let connector: ConnectorProcess
  let offer: CatalogV1.Offer
  /// The request that made the offer.
  let offerRequestID: RequestID
  /// The company's account.
  let account: AccountID
  /// The exchange's account for money from outside.
  let externalAccount: AccountID
  /// Placed and not paid.
  let order: SettlementV1.Order

  /// What the law of the day asks of the price.
  var tax: Int64 { order.tax?.amount.minorUnits ?? 0 }

  static var request: RequestID { .make(at: WallClock.system.now()) }

  static func open() async throws -> Market {
    let exchange = try await LocalExchange()
    let ministryID = try await exchange.admit("ministry", [.provider])
    try await exchange.admit("company", [.consumer])
    try await exchange.admit("stranger", [.consumer])
    let ministry = try await exchange.connection("ministry")
    let company = try await exchange.connection("company")
    let officer = try await exchange.connection("clearing-officer")
    let connector = try await ConnectorProcess(exchange, of: ministryID)
    let product = try await list(connector, ministry, try await exchange.connection("reviewer"))
    let offerRequestID = request
    let offer = try await ministry.offers.createOffer(
      .init(requestID: offerRequestID, productID: product, terms: terms)
    ).offer
    let account = try await openAccount(company)
    let external = try await deposit(into: account, officer)
    let order = try await company.orders.placeOrder(
      .init(requestID: request, offerID: offer.id, offerEtag: offer.etag, purpose: "research")
    ).order
    return Market(
      exchange: exchange, ministry: ministry, company: company,
      stranger: try await exchange.connection("stranger"), officer: officer,
      auditor: try await exchange.connection("auditor"), connector: connector, offer: offer,
      offerRequestID: offerRequestID, account: account, externalAccount: external, order: order)
  }

  static var terms: CatalogV1.OfferTerms {
    CatalogV1.OfferTerms(
      price: .init(model: .oneOff, amount: Money(currency: .vnd, minorUnits: price)),
      split: zip([.provider, .stateBudget, .platform], weights).map {
        TypeV1.SplitShare(beneficiary: $0, weight: $1)
      },
      licence: "CC-BY-4.0", policy: .init(purposes: ["research"]), audience: .init(kind: .public))
  }

  /// Describes, publishes and has approved what the connector serves.
  private static func list(
    _ connector: ConnectorProcess, _ ministry: ExchangeConnection, _ reviewer: ExchangeConnection
  ) async throws -> ProductID {
    let product = try await ministry.products.createProduct(
      .init(
        requestID: request,
        description: .init(
          title: .init(vi: "Danh mục đơn vị hành chính"), description: .init(vi: "34 tỉnh, thành"),
          dataClass: .open, personalData: .none))
    ).product.id
    _ = try await ministry.products.publishRevision(
      .init(
        requestID: request, productID: product,
        files: try FolderContent.files(in: connector.dataFolder),
        connectorAddress: connector.address))
    _ = try await ministry.products.submitProduct(.init(requestID: request, productID: product))
    let reviews = try await reviewer.reviews.listReviews(.init(productID: product)).reviews
    guard let review = reviews.first?.id else {
      throw ExchangeFailure(description: "no review of \(product)")
    }
    _ = try await reviewer.reviews.claimReview(.init(requestID: request, reviewID: review))
    _ = try await reviewer.reviews.decideReview(
      .init(requestID: request, reviewID: review, decision: .approved, reason: "open data"))
    await reviewer.close()
    return product
  }

  private static func openAccount(_ company: ExchangeConnection) async throws -> AccountID {
    let id = AccountID.make(at: WallClock.system.now())
    _ = try await company.ledger.createAccounts(
      .init(accounts: [
        .init(
          id: id, ownerID: company.profile.participantID, currencyCode: "VND", environment: .live,
          kind: .participant)
      ]))
    return id
  }

  private static func deposit(into account: AccountID, _ officer: ExchangeConnection) async throws
    -> AccountID
  {
    let accounts = try await officer.ledger.listAccounts(.init(exchangeOwned: true)).accounts
    guard
      let external = accounts.first(where: { $0.kind == .external && $0.environment == .live })?.id
    else { throw ExchangeFailure(description: "no external account") }
    let results = try await officer.ledger.submitTransfers(
      .init(transfers: [
        .init(
          id: .make(at: WallClock.system.now()), kind: .post, debitAccountID: external,
          creditAccountID: account, amount: deposit, currencyCode: "VND")
      ])
    ).results
    guard results.map(\.outcome) == [.ok] else {
      throw ExchangeFailure(description: "deposit refused: \(results)")
    }
    return external
  }

  func close() async {
    for connection in [ministry, company, stranger, officer, auditor] { await connection.close() }
    await connector.stop()
  }
}

extension Market {
  /// What must not change when a request is refused.
  struct Snapshot: Equatable {
    var balances: [AccountID: Int64]
    var orders: [OrderID: SettlementV1.OrderState]
    var products: [ProductID: String]
    var offers: [OfferID: String]
  }

  func snapshot() async throws -> Snapshot {
    let orders = try await officer.orders.listOrders(.init(pageSize: 500)).orders
    let products = try await ministry.products.listProducts(.init(pageSize: 500)).products
    let offers = try await ministry.offers.listOffers(.init(pageSize: 500)).offers
    return Snapshot(
      balances: try await balances(),
      orders: Dictionary(uniqueKeysWithValues: orders.map { ($0.id, $0.state) }),
      products: Dictionary(uniqueKeysWithValues: products.map { ($0.id, $0.etag) }),
      offers: Dictionary(uniqueKeysWithValues: offers.map { ($0.id, $0.etag) }))
  }

  /// Credits less debits of every account there is.
  func balances() async throws -> [AccountID: Int64] {
    var balances: [AccountID: Int64] = [:]
    let owners = [ministry, company, stranger].map(\.profile.participantID)
    let requests =
      owners.map { SettlementV1.ListAccountsRequest(ownerID: $0) } + [.init(exchangeOwned: true)]
    for request in requests {
      for account in try await officer.ledger.listAccounts(request).accounts {
        balances[account.id] = account.creditsPosted - account.debitsPosted
      }
    }
    return balances
  }

  /// The balance of the exchange's live account of a kind.
  func exchangeBalance(_ kind: SettlementV1.AccountKind) async throws -> Int64 {
    let accounts = try await officer.ledger.listAccounts(.init(exchangeOwned: true)).accounts
    return accounts.filter {
      $0.kind == kind && $0.environment == .live && $0.currencyCode == "VND"
    }
    .reduce(0) { $0 + $1.creditsPosted - $1.debitsPosted }
  }
}
