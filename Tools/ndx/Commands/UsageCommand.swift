import ArgumentParser
import Client
import Model
import Stubs

/// `ndx usage`.
struct UsageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage",
    abstract: "Report and see what was used of orders that are paid by usage.",
    discussion: """
      A connector reports what it delivers by itself, in a sequence of its own. Report by hand only what \
      another system served, under a profile that no connector uses.

      EXAMPLES
        ndx usage show ORDER --profile company
        ndx usage report ORDER --sequence 1 --calls 250 --profile provider
      """,
    subcommands: [Report.self, Show.self])

  struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report what was served (provider). The same record again counts once.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Argument(help: "The order.") var id: OrderID
    @Option(help: "Its place in the sequence of the profile's system, from 1, without gaps.")
    var sequence: Int64
    @Option(help: "Calls answered.") var calls: Int64 = 0
    @Option(help: "Bytes sent.") var bytes: Int64 = 0
    @Option(help: "Rows sent.") var rows: Int64 = 0

    func run() async throws {
      let record = SettlementV1.UsageRecord(
        sequence: sequence, orderID: id, calls: calls, bytes: bytes, rows: rows)
      try await session.show { exchange in
        try await exchange.settlement.call { instance in
          // Each instance counts a sequence of its own: only the one that has the order is told.
          _ = try await OrderServiceClient(instance).getOrder(.init(orderID: id))
          return try await UsageServiceClient(instance).reportUsage(
            .init(requestID: request.id, records: [record]))
        }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print what an order has used, and what that costs so far.")
    @OptionGroup var session: SessionOptions
    @Argument(help: "The order.") var id: OrderID

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await UsageServiceClient($0).getUsage(.init(orderID: id))
        }
      }
    }
  }
}

extension SettlementV1.ReportUsageResponse: Presentable {
  static var headings: [String] { ["outcomes", "next sequence"] }

  func cells(_ language: Language) -> [String] {
    [outcomes.map(\.argumentName).joined(separator: " "), "\(nextSequence)"]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}

extension SettlementV1.GetUsageResponse: Presentable {
  static var headings: [String] { ["calls", "bytes", "rows", "price", "tax", "at most", "closes"] }

  func cells(_ language: Language) -> [String] {
    [
      "\(calls)", "\(bytes)", "\(rows)", Layout.amount(price), Layout.amount(tax),
      Layout.amount(cap), closeTime?.description ?? "",
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [("units", "\(units) \(unit.argumentName)")]
  }
}
