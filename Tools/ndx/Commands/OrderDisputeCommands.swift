import ArgumentParser
import Client
import Crypto
import Model
import Stubs

/// What one side of a dispute says, and the files that prove it: only their digests leave this machine.
struct DisputeWords: ParsableArguments {
  @Argument(help: "The order.") var id: OrderID
  @Option(help: "In your words.") var text: String
  @Option(help: "A file that proves it; its SHA-256 is sent. May be repeated.")
  var evidence: [String] = []

  func digests() throws -> [Digest] {
    try evidence.map { try InputFile.digest($0) }
  }
}

extension OrderCommand {
  struct Dispute: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Object to a delivery (consumer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var words: DisputeWords
    @Option(help: "What is objected to.") var reason: Named<SettlementV1.DisputeReason>

    func run() async throws {
      let objection = SettlementV1.RaiseDisputeRequest(
        requestID: request.id, orderID: words.id, reason: reason.value, text: words.text,
        evidenceSHA256: try words.digests())
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).raiseDispute(objection)
        }.order
      }
    }
  }

  struct Respond: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Answer in a dispute, once (provider, then consumer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var words: DisputeWords

    func run() async throws {
      let answer = SettlementV1.RespondDisputeRequest(
        requestID: request.id, orderID: words.id, text: words.text,
        evidenceSHA256: try words.digests())
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).respondDispute(answer)
        }.order
      }
    }
  }

  struct Resolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Decide a dispute (arbiter).",
      discussion: "--outcome is full-refund, partial-refund (with --refund) or no-refund.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The order.") var id: OrderID
    @Option(help: "The decision.") var outcome: Named<SettlementV1.DisputeOutcome>
    @Option(help: "What goes back in a partial refund, such as \"500000 VND\".")
    var refund: MoneyArgument?
    @Option(help: "Why, for both sides to read.") var explanation: String

    func validate() throws {
      guard (outcome.value == .partialRefund) == (refund != nil) else {
        throw ValidationError("--refund belongs to --outcome partial-refund, and only to it.")
      }
    }

    func run() async throws {
      let decision = SettlementV1.ResolveDisputeRequest(
        requestID: request.id, orderID: id, outcome: outcome.value,
        refundMinorUnits: refund?.money.minorUnits ?? 0, explanation: explanation)
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await OrderServiceClient($0).resolveDispute(decision)
        }.order
      }
    }
  }
}

extension SettlementV1.Dispute {
  /// What the card of its order says of it.
  var rows: [(String, String)] {
    func said(_ statement: SettlementV1.DisputeStatement?) -> String {
      statement.map { ([$0.text] + $0.evidenceSHA256.map(\.hex)).joined(separator: "\n") } ?? ""
    }
    return [
      ("disputed", reason.argumentName), ("objection", said(objection)),
      ("answer", said(answer)), ("reply", said(reply)), ("outcome", outcome.argumentName),
      ("refund", refund.map { Layout.amount($0) } ?? ""), ("explanation", explanation),
    ]
  }
}
