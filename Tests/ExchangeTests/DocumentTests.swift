import Foundation
import Model
import TestSupport
import Testing

/// What the documentation shows works as it stands there.
@Suite(.serialized) struct DocumentTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(.timeLimit(.minutes(3)))
  func theIntegratorsPageRunsFromTopToBottom() async throws {
    let exchange = try await LocalExchange()
    try await exchange.admit("company", [.consumer, .provider])
    let output = try await run("docs/settlement.md", exchange)
    #expect(output.exitCode == 0, "\(output.standardOutput)\n\(output.standardError)")
    let outcomes = output.standardOutput.split(separator: "\n").filter { $0.hasPrefix("[\"") }
      .map { $0.replacing("TRANSFER_OUTCOME_", with: "") }
    #expect(
      outcomes == [
        #"["OK"]"#, #"["OK"]"#, #"["EXISTS"]"#, #"["EXISTS_DIFFERENT"]"#,
        #"["LINKED_FAILED","INSUFFICIENT_FUNDS"]"#,
      ])
    #expect(output.standardOutput.hasSuffix("not_found\nThere is no such order.\n"))
  }

  @Test(.timeLimit(.minutes(3)))
  func theAuditorsPageRunsFromTopToBottom() async throws {
    let exchange = try await LocalExchange()
    let output = try await run("docs/audit.md", exchange)
    #expect(output.exitCode == 0, "\(output.standardOutput)\n\(output.standardError)")
    for line in [
      "signature, inclusion and form", "  ndx.local/audit  ", "— w1.example/ndx ",
      "participant.registered", "steps proven against the log of size", "  +",
      "exit code 4", "0 steps proven against the log of size", "nothing is wrong",
    ] {
      let text = output.standardOutput + output.standardError
      #expect(text.contains(line), "\(line) is not in \(text)")
    }
  }

  /// Runs the shell blocks of a page, one after the other, in one shell.
  private func run(_ page: String, _ exchange: LocalExchange) async throws -> NdxCommand.Output {
    let text = try String(contentsOf: Self.root.appending(path: page), encoding: .utf8)
    let blocks = text.matches(of: /```sh\n(?<block>(?s:.*?))```/).map { String($0.output.block) }
    try #require(!blocks.isEmpty)
    let tools = try BuiltProducts.executable("ndx").deletingLastPathComponent()
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try await NdxCommand.run(
      URL(filePath: "/usr/bin/timeout"),
      [
        "120", "bash", "-euo", "pipefail", "-c",
        "cd '\(Self.root.path(percentEncoded: false))'\n" + blocks.joined(),
      ],
      environment: [
        "NDX_DIRECTORY": exchange.directory, "NDX_LANGUAGE": "en",
        "PATH": "\(tools.path(percentEncoded: false)):\(path)",
      ], scratch: exchange.directory)
  }
}
