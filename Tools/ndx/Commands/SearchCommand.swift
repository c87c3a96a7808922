import ArgumentParser
import Client
import Model
import Stubs

/// `ndx search`.
struct SearchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find listed products; accents are optional.",
    discussion: """
      EXAMPLES
        ndx search "don vi hanh chinh" --profile company
        ndx search provinces --data-class open --output json --profile company
      """)

  @OptionGroup var session: SessionOptions
  @OptionGroup var page: PageOptions
  @Argument(help: "Words in Vietnamese or English; all must occur.") var query: String
  @Option(parsing: .upToNextOption, help: "Only these classes.")
  var dataClass: [Named<CatalogV1.DataClass>] = []
  @Option(help: "Only those of this publisher.") var publisher: ParticipantID?

  func run() async throws {
    let answer = try await session.connected { exchange in
      try await exchange.search.search(
        .init(
          pageSize: page.pageSize, pageToken: page.pageToken, query: query,
          dataClasses: dataClass.map(\.value), publisherID: publisher))
    }
    try session.display.show(answer.hits, of: answer, nextPageToken: answer.nextPageToken)
  }
}

extension CatalogV1.SearchHit: Presentable {
  static var headings: [String] { ["product", "title", "class", "offer", "price"] }

  func cells(_ language: Language) -> [String] {
    let offer = offers.first
    let price = offer.map {
      $0.terms.price.model == .free ? "free" : Layout.amount($0.terms.price.amount)
    }
    return [
      product.id.description, product.description.title.text(language),
      product.description.dataClass.argumentName, offer?.id.description ?? "", price ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    product.rows(language) + [("score", "\(score)")]
  }
}
