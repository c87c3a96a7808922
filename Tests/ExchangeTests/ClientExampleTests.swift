import Foundation
import Model
import TestSupport
import Testing

/// The examples for integrators do on a real exchange what they say: any gRPC client can take part.
@Suite(.serialized) struct ClientExampleTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(.timeLimit(.minutes(5)))
  func aPythonClientTradesAndEveryLanguageTakesTheTour() async throws {
    let market = try await Market.open()
    let folder = market.exchange.directory
    let trade = try await run(
      ".venv/bin/python",
      [
        "Examples/clients/python/trade.py", market.exchange.profileDirectory("company"),
        "don vi hanh chinh", "research", folder + "/py",
      ], market)
    #expect(trade.exitCode == 0, "\(trade.standardError)")
    #expect(trade.standardOutput.contains("ORDER_STATE_SETTLED"))
    #expect(
      FileManager.default.contentsEqual(
        atPath: folder + "/py/provinces.csv",
        andPath: market.connector.dataFolder + "/provinces.csv"))
    #expect(try await market.exchangeBalance(.tax) == Market.parts[1] + market.tax)

    for language in [ClientLanguage.python, .go, .java] where language.isInstalled {
      try await takeTour(language, market)
    }
    try await market.exchange.admit("citizen", [.citizen], kind: .citizen)
    let every = try await run(
      ".venv/bin/python",
      ["Tests/ExchangeTests/Python/every_rpc.py", folder, market.connector.address], market)
    #expect(every.exitCode == 0, "\(every.standardOutput)\n\(every.standardError)")
    await market.close()
  }

  /// What the tour says in each language, in this order.
  private static let sights = [
    "health: SERVING, watched SERVING",
    "service: grpc.reflection.v1.ServerReflection",
    "service: ndx.catalog.v1.SearchService",
    "search: Danh mục đơn vị hành chính",
    "retry: same order true, replayed true",
    "REQUEST_ID_REUSED [] \"This request id was used before for a different request.\"",
    "INVALID_FIELD [query] \"query: Trường này là bắt buộc.\"",
    "INVALID_FIELD [query] \"query: This field is required.\"",
    "fetched: provinces.csv,",
    "deadline: ", "cancel: ",
  ]

  private func takeTour(_ language: ClientLanguage, _ market: Market) async throws {
    let example = "Examples/clients/\(language.rawValue)"
    var program = (path: ".venv/bin/python", arguments: ["\(example)/tour.py"])
    if language != .python {
      let folder = Self.root.appending(path: ".build/clients/\(language.rawValue)").path
      let built = try await run("\(example)/build.sh", [folder], market)
      try #require(built.exitCode == 0, "\(built.standardOutput)\n\(built.standardError)")
      program = (folder + "/tour", [])
    }
    let tour = try await run(
      program.path,
      program.arguments + [market.exchange.profileDirectory("company"), "don vi hanh chinh"],
      market)
    #expect(tour.exitCode == 0, "\(language): \(tour.standardError)")
    var rest = tour.standardOutput[...]
    for sight in Self.sights {
      guard let found = rest.range(of: sight) else {
        Issue.record("\(language) does not say \(sight): \(tour.standardOutput)")
        return
      }
      rest = rest[found.upperBound...]
    }
  }

  /// Runs a program of the repository; arguments that name a file there are relative to its top.
  private func run(_ program: String, _ arguments: [String], _ market: Market) async throws
    -> NdxCommand.Output
  {
    let arguments = arguments.map {
      $0.hasPrefix("Examples/") || $0.hasPrefix("Tests/")
        ? Self.root.appending(path: $0).path : $0
    }
    return try await NdxCommand.run(
      URL(filePath: program, relativeTo: Self.root), arguments, environment: [:],
      scratch: market.exchange.directory)
  }
}
