import Foundation
import TestSupport
import Testing

/// What scripts rely on: exit codes, and data and messages on streams of their own.
struct CommandLineTests {
  private struct Report: Decodable {
    struct Failure: Decodable {
      var exitCode: Int32
      var reason: String
      var message: String
    }
    var error: Failure
  }

  private func report(_ output: NdxCommand.Output) throws -> Report.Failure {
    try JSONDecoder().decode(Report.self, from: Data(output.standardError.utf8)).error
  }

  @Test func helpNamesTheExitCodesOnStandardOutput() async throws {
    let folder = try TemporaryDirectory()
    let output = try await NdxCommand(directory: folder.path).run(["--help"])
    #expect(output.exitCode == 0)
    #expect(output.standardOutput.contains("EXIT CODES"))
    #expect(output.standardError.isEmpty)
  }

  @Test(arguments: [
    ["order", "place"], ["no-such-command"], ["participant", "get", "not-an-id", "--profile", "x"],
    ["offer", "create", "--product", "x"], ["search", "word"],
    ["account", "deposit", "01a209e0-b8a4-7112-8bb5-13f611fd5e17", "--amount", "1.5 VND"],
  ])
  func wrongUsageIsExitCodeTwo(arguments: [String]) async throws {
    let folder = try TemporaryDirectory()
    let output = try await NdxCommand(directory: folder.path).run(arguments)
    #expect(output.exitCode == 2, "\(output.standardError)")
    #expect(output.standardOutput.isEmpty)
    #expect(!output.standardError.isEmpty)
  }

  @Test func aProfileThatIsNotThereIsExitCodeFive() async throws {
    let folder = try TemporaryDirectory()
    let output = try await NdxCommand(directory: folder.path).run(
      ["search", "word", "--profile", "nobody", "--output", "json"])
    #expect(output.exitCode == 5)
    #expect(try report(output).reason == "LOCAL_FAILURE")
  }

  @Test(.timeLimit(.minutes(2)))
  func refusedAndUnreachableAreToldApart() async throws {
    let exchange = try await LocalExchange()
    let arguments = ["search", "word", "--profile", "auditor", "--output", "json"]
    #expect(try await exchange.ndx.run(arguments).exitCode == 0)
    let refused = try await exchange.ndx.run(
      ["review", "list", "--profile", "registrar-1", "--output", "json", "--language", "vi"])
    #expect(refused.exitCode == 1)
    #expect(refused.standardOutput.isEmpty)
    #expect(try report(refused).reason == "ROLE_REQUIRED")
    exchange.kill("catalog")
    let unreachable = try await exchange.ndx.run(arguments)
    #expect(unreachable.exitCode == 3)
    #expect(try report(unreachable).exitCode == 3)
    try await exchange.start()
    #expect(try await exchange.ndx.run(arguments).exitCode == 0)
    #expect(try await exchange.ndx.run(["down"]).exitCode == 0)
    #expect(try await exchange.ndx.run(["status"]).exitCode == 3)
  }
}
