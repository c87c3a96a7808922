import ArgumentParser
import Client
import Model
import Stubs

/// `ndx offer`.
struct OfferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offer",
    abstract: "Offer products on terms.",
    discussion: """
      EXAMPLES
        ndx offer create --product PRODUCT --price 2000000 --split provider=70 \\
          --split state-budget=20 --split platform=10 \\
          --licence CC-BY-4.0 --profile ministry
        ndx offer create --product PRODUCT --terms terms.json --profile ministry
        ndx offer list --product PRODUCT --profile company
      """,
    subcommands: [Create.self, Close.self, Get.self, List.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an offer (provider).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var terms: OfferTermsOptions
    @Option(help: "The product.") var product: ProductID

    func run() async throws {
      let terms = try terms.read()
      try await session.show { exchange in
        try await exchange.offers.createOffer(
          .init(requestID: request.id, productID: product, terms: terms)
        ).offer
      }
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End an offer (provider).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The offer.") var id: OfferID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.offers.closeOffer(.init(requestID: request.id, offerID: id)).offer
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print an offer.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The offer.") var id: OfferID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.offers.getOffer(.init(offerID: id)).offer
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List offers, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those of this product.") var product: ProductID?
    @Option(help: "Only those in this state.") var state: Named<CatalogV1.OfferState>?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.offers.listOffers(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, productID: product,
            state: state?.value ?? .unspecified))
      }
      try session.display.show(answer.offers, of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}

/// The terms of an offer, from flags or from a file in the proto's JSON.
struct OfferTermsOptions: ParsableArguments {
  @Option(help: "All terms as JSON (ndx.catalog.v1.OfferTerms); no other flag then.")
  var terms: String?
  @Option(help: ArgumentHelp("Price per order; without it the offer is free.", valueName: "amount"))
  var price: MoneyArgument?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A part of the price.", valueName: "beneficiary[:id]=weight"))
  var split: [ShareArgument] = []
  @Option(help: "Licence.") var licence = "CC-BY-4.0"
  @Option(parsing: .upToNextOption, help: "Purposes allowed; any lawful one by default.")
  var purposes: [String] = []
  @Option(parsing: .upToNextOption, help: "Countries of use allowed; any by default.")
  var territories: [String] = []
  @Option(help: "Days after which copies must be deleted; 0 for no limit.") var retentionDays:
    Int32 = 0
  @Flag(help: "The data may be passed on.") var redistribution = false
  @Flag(help: "Works may be derived from the data.") var derivation = false
  @Option(parsing: .upToNextOption, help: "Only these participants may order; anyone by default.")
  var audience: [ParticipantID] = []

  func read() throws -> CatalogV1.OfferTerms {
    if let terms { return try InputFile.decode(CatalogV1.OfferTerms.self, terms) }
    return CatalogV1.OfferTerms(
      price: .init(model: price == nil ? .free : .oneOff, amount: price?.money),
      split: split.map(\.share), licence: licence,
      policy: .init(
        purposes: purposes, territories: territories, retentionDays: retentionDays,
        redistributionAllowed: redistribution, derivationAllowed: derivation),
      audience: .init(kind: audience.isEmpty ? .public : .listed, participantIDs: audience))
  }
}

extension CatalogV1.Offer: Presentable {
  static var headings: [String] { ["id", "product", "state", "price", "etag"] }

  private var price: String {
    let amount = Layout.amount(terms.price.amount)
    let period = terms.price.period.map { "\($0.count) \($0.unit.argumentName)" } ?? ""
    return switch terms.price.model {
    case .free: "free"
    case .subscription: "\(amount) every \(period)"
    case .usage: "by \(terms.price.usageUnit.argumentName), up to \(amount) in \(period)"
    default: amount
    }
  }

  func cells(_ language: Language) -> [String] {
    [id.description, productID.description, state.argumentName, price, etag]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("offer", id.description), ("product", productID.description),
      ("provider", providerID.description), ("state", state.argumentName),
      ("version", "\(version)"), ("etag", etag), ("price", price),
      (
        "split",
        terms.split.map { "\($0.beneficiary.argumentName) \($0.weight)" }.joined(separator: ", ")
      ),
      ("licence", terms.licence), ("purposes", terms.policy.purposes.joined(separator: ", ")),
      ("blocked by", blockedBy),
    ]
  }
}
