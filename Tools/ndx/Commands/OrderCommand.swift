import ArgumentParser
import Client
import Model
import Stubs

/// `ndx order`.
struct OrderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order",
    abstract: "Order offers, pay, accept or dispute what was delivered, stop agreements.",
    discussion: """
      EXAMPLES
        ndx order place --offer OFFER --purpose research --profile company
        ndx order fund ORDER --account ACCOUNT --profile company
        ndx order accept ORDER --profile company
        ndx order dispute ORDER --reason incomplete --text "34 rows of 63" \\
          --evidence diff.txt --profile company
        ndx order resolve ORDER --outcome partial-refund --refund "500000 VND" \\
          --explanation "half is missing" --profile arbiter
        ndx order watch --profile company
      """,
    subcommands: [
      Place.self, Fund.self, Get.self, List.self, Watch.self, Accept.self, Cancel.self, Refund.self,
      CancelRenewal.self,
      Dispute.self, Respond.self, Resolve.self, Suspend.self, Resume.self, Terminate.self,
    ])

  struct Place: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Order an offer (consumer).",
      discussion: "Without --etag, the offer is ordered as it stands now.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "The offer.") var offer: OfferID
    @Option(help: "The version of the offer that you have seen.") var etag: String?
    @Option(help: "What the data are for, such as research.") var purpose: String
    @Option(
      name: .customLong("consent"), parsing: .upToNextOption,
      help: "Consents of those whom personal data are about.")
    var consents: [ConsentID] = []

    func run() async throws {
      try await session.show { exchange in
        var seen = etag
        if seen == nil {
          seen = try await exchange.offers.getOffer(.init(offerID: offer)).offer.etag
        }
        let order = SettlementV1.PlaceOrderRequest(
          requestID: request.id, offerID: offer, offerEtag: seen ?? "", purpose: purpose,
          consentIDs: consents)
        return try await exchange.settlement.call {
          try await OrderServiceClient($0).placeOrder(order)
        }.order
      }
    }
  }

  struct Fund: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Pay an order into escrow (consumer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The order.") var id: OrderID
    @Option(help: "The account to pay from.") var account: AccountID

    func run() async throws {
      try await session.show { exchange in
        let payment = SettlementV1.FundOrderRequest(
          requestID: request.id, orderID: id, accountID: account)
        return try await exchange.settlement.call {
          try await OrderServiceClient($0).fundOrder(payment)
        }.order
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print an order.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The order.") var id: OrderID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).getOrder(.init(orderID: id))
        }.order
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the profile's orders, oldest first; all of them for staff.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those in this state.") var state: Named<SettlementV1.OrderState>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await OrderServiceClient(instance).listOrders(
            .init(pageSize: size, pageToken: token, state: state?.value ?? .unspecified))
          return (answer.orders, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0, of: SettlementV1.ListOrdersResponse(orders: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }

  struct Accept: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Accept a delivery: escrow pays out by the split (consumer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The order.") var id: OrderID

    func run() async throws {
      try await session.show { exchange in
        let acceptance = SettlementV1.AcceptDeliveryRequest(requestID: request.id, orderID: id)
        return try await exchange.settlement.call {
          try await OrderServiceClient($0).acceptDelivery(acceptance)
        }.order
      }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End an order before delivery (consumer, or provider with a full refund).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The order.") var id: OrderID
    @Option(help: "Why, for the record.") var reason: String

    func run() async throws {
      try await session.show { exchange in
        let cancellation = SettlementV1.CancelOrderRequest(
          requestID: request.id, orderID: id, reason: reason)
        return try await exchange.settlement.call {
          try await OrderServiceClient($0).cancelOrder(cancellation)
        }.order
      }
    }
  }
}

extension SettlementV1.Order: Presentable {
  static var headings: [String] { ["id", "state", "price", "product", "created"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, state.argumentName, price.map { Layout.amount($0) } ?? "free",
      productID.description, createTime?.description ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    let paid = payouts.map { "\($0.beneficiary.argumentName) \(Layout.amount($0.amount))" }
    return [
      ("order", id.description), ("state", state.argumentName),
      ("consumer", consumerID.description), ("provider", providerID.description),
      ("offer", offerID.description), ("product", productID.description),
      ("revision", revisionID.description), ("manifest", manifestSHA256.hex),
      ("price", price.map { Layout.amount($0) } ?? "free"),
      ("tax", tax.map { "\(Layout.amount($0.amount)) (\($0.percentage))" } ?? ""),
      ("total", Layout.amount(total)), ("purpose", purpose),
      ("consents", consentIDs.map(\.description).joined(separator: "\n")),
      ("agreement", agreement.map { "\($0.id) \($0.state.argumentName)" } ?? ""),
      ("connector", connectorAddress),
      ("paid out", paid.joined(separator: "\n")), ("blocked by", blockedBy),
      ("next actor", nextActor.argumentName),
      ("due", dueTime?.description ?? ""), ("ended because", refusalReason),
    ] + (renewal?.rows ?? []) + (dispute?.rows ?? [])
  }
}
