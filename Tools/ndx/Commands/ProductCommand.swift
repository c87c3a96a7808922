import ArgumentParser
import Client
import Model
import Stubs

/// `ndx product`.
struct ProductCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "product",
    abstract: "Describe data products and publish their content.",
    discussion: """
      EXAMPLES
        ndx product create --title "Danh mục đơn vị hành chính" \\
          --description "34 tỉnh, thành phố" \\
          --keywords tỉnh "đơn vị hành chính" --data-class open --profile ministry
        ndx product create --json product.json --profile ministry
        ndx product publish PRODUCT --folder data --connector 127.0.0.1:7450 \\
          --profile ministry
        ndx product submit PRODUCT --profile ministry
      """,
    subcommands: [Create.self, Publish.self, Submit.self, Get.self, List.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Describe a new product (provider).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var description: ProductDescriptionOptions

    func run() async throws {
      let description = try description.read()
      try await session.show { exchange in
        try await exchange.products.createProduct(
          .init(requestID: request.id, description: description)
        ).product
      }
    }
  }

  struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand a product in for review (provider).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The product.") var id: ProductID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.products.submitProduct(.init(requestID: request.id, productID: id))
          .product
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a product.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The product.") var id: ProductID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.products.getProduct(.init(productID: id)).product
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List products, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those in this state.") var state: Named<CatalogV1.ProductState>?
    @Option(help: "Only those of this publisher.") var publisher: ParticipantID?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.products.listProducts(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, state: state?.value ?? .unspecified,
            publisherID: publisher))
      }
      try session.display.show(answer.products, of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}

/// A product's description, from flags or from a file in the proto's JSON.
struct ProductDescriptionOptions: ParsableArguments {
  @Option(help: "The whole description as JSON (ndx.catalog.v1.ProductDescription).")
  var json: String?
  @Option(help: "Title in Vietnamese.") var title: String?
  @Option(help: "Title in English.") var titleEnglish = ""
  @Option(help: "Description in Vietnamese.") var description: String?
  @Option(help: "Description in English.") var descriptionEnglish = ""
  @Option(parsing: .upToNextOption, help: "Words to find it by.") var keywords: [String] = []
  @Option(parsing: .upToNextOption, help: "Themes.") var themes: [String] = []
  @Option(help: "Where the data are about.") var spatialCoverage = ""
  @Option(help: "How often it changes.") var frequency = ""
  @Option(help: "Whom to ask.") var contact = ""
  @Option(help: "Class of the data by law.") var dataClass: Named<CatalogV1.DataClass>?
  @Option(help: "Whether the data are about people.") var personalData = Named(
    CatalogV1.PersonalData.none)

  func validate() throws {
    guard json != nil || (title != nil && description != nil && dataClass != nil) else {
      throw ValidationError("Give --json, or --title, --description and --data-class.")
    }
  }

  func read() throws -> CatalogV1.ProductDescription {
    if let json { return try InputFile.decode(CatalogV1.ProductDescription.self, json) }
    return CatalogV1.ProductDescription(
      title: .init(vi: title ?? "", en: titleEnglish),
      description: .init(vi: description ?? "", en: descriptionEnglish), keywords: keywords,
      themes: themes, spatialCoverage: spatialCoverage, frequency: frequency, contact: contact,
      dataClass: dataClass?.value ?? .unspecified, personalData: personalData.value)
  }
}

extension CatalogV1.Product: Presentable {
  static var headings: [String] { ["id", "state", "class", "title"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, state.argumentName, description.dataClass.argumentName,
      description.title.text(language),
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("product", id.description), ("title", description.title.text(language)),
      ("publisher", publisherID.description), ("state", state.argumentName),
      ("class", description.dataClass.argumentName),
      ("personal data", description.personalData.argumentName),
      ("keywords", description.keywords.joined(separator: ", ")),
      ("revision", currentRevision?.id.description ?? ""),
      ("manifest", currentRevision?.manifestSHA256?.hex ?? ""), ("blocked by", blockedBy),
      ("next actor", nextActor.argumentName),
      ("due", dueTime?.description ?? ""), ("etag", etag),
    ]
  }
}
