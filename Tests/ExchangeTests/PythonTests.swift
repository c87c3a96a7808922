import Foundation
import Model
import Testing

/// grpcio with a client certificate and nothing generated: any gRPC client can take part.
@Suite(.serialized) struct PythonTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(.timeLimit(.minutes(5)))
  func aPythonClientTradesAndReachesEveryMethod() async throws {
    let market = try await Market.open()
    let folder = market.exchange.directory
    let trade = try await python(
      "Examples/clients/python/trade.py", market,
      [
        market.exchange.profileDirectory("company"), "don vi hanh chinh", "research",
        folder + "/py",
      ])
    #expect(trade.exitCode == 0, "\(trade.standardError)")
    #expect(trade.standardOutput.contains("ORDER_STATE_SETTLED"))
    #expect(
      FileManager.default.contentsEqual(
        atPath: folder + "/py/provinces.csv",
        andPath: market.connector.dataFolder + "/provinces.csv"))
    #expect(try await market.exchangeBalance(.tax) == Market.parts[1])

    let every = try await python(
      "Tests/ExchangeTests/Python/every_rpc.py", market, [folder, market.connector.address])
    #expect(every.exitCode == 0, "\(every.standardOutput)\n\(every.standardError)")
    await market.close()
  }

  private func python(_ script: String, _ market: Market, _ arguments: [String]) async throws
    -> NdxCommand.Output
  {
    try await NdxCommand.run(
      Self.root.appending(path: ".venv/bin/python"),
      [Self.root.appending(path: script).path] + arguments, environment: [:],
      scratch: market.exchange.directory)
  }
}
