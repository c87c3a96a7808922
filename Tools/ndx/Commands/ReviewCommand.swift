import ArgumentParser
import Client
import Model
import Stubs

/// `ndx review`.
struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Decide whether products may be listed (compliance reviewer).",
    discussion: """
      EXAMPLES
        ndx review list --state open --profile reviewer
        ndx review claim REVIEW --profile reviewer
        ndx review decide REVIEW --decision approved --reason "Open data" \\
          --profile reviewer
      """,
    subcommands: [List.self, Claim.self, Decide.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List reviews, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Only those in this state.") var state: Named<CatalogV1.ReviewState>?
    @Option(help: "Only those of this product.") var product: ProductID?

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.reviews.listReviews(
          .init(
            pageSize: page.pageSize, pageToken: page.pageToken, state: state?.value ?? .unspecified,
            productID: product))
      }
      try session.display.show(answer.reviews, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Claim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take a review on.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The review.") var id: ReviewID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.reviews.claimReview(.init(requestID: request.id, reviewID: id)).review
      }
    }
  }

  struct Decide: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Decide a claimed review.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The review.") var id: ReviewID
    @Option(help: "The decision.") var decision: Named<CatalogV1.ReviewDecision>
    @Option(help: "Why, for the record.") var reason: String
    @Option(
      parsing: .singleValue,
      help: ArgumentHelp("What is wrong with one field.", valueName: "field=remark"))
    var remark: [String] = []

    @Option(help: "Number and issuer of the approval; needed to approve important data.")
    var approvalReference = ""

    @Option(help: "Consent arrangement or legal basis; needed to approve personal data.")
    var consentBasis = ""

    func run() async throws {
      let remarks = try remark.map { text in
        let sides = text.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else {
          throw ValidationError("A remark is FIELD=REMARK, not \(text).")
        }
        return CatalogV1.FieldRemark(field: String(sides[0]), remark: String(sides[1]))
      }
      try await session.show { exchange in
        try await exchange.reviews.decideReview(
          .init(
            requestID: request.id, reviewID: id, decision: decision.value, reason: reason,
            remarks: remarks, approvalReference: approvalReference, consentBasis: consentBasis)
        ).review
      }
    }
  }
}

extension CatalogV1.Review: Presentable {
  static var headings: [String] { ["id", "product", "state", "decision"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, productID.description, state.argumentName,
      decision.argumentName,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("review", id.description), ("product", productID.description),
      ("state", state.argumentName), ("reviewer", reviewerID?.description ?? ""),
      ("decision", decision.argumentName), ("reason", reason),
      ("remarks", remarks.map { "\($0.field): \($0.remark)" }.joined(separator: "\n")),
      ("approval", approvalReference), ("consent basis", consentBasis),
      ("blocked by", blockedBy), ("due", dueTime?.description ?? ""),
    ]
  }
}
