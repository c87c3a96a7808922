import Foundation
import TestSupport
import Testing

/// The demo is the test of the whole: every step on the command line, every claim checked.
@Suite(.serialized) struct WholeTradeTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(.timeLimit(.minutes(5)))
  func theDemoHoldsTwiceInARow() async throws {
    let folder = try TemporaryDirectory()
    let tools = try BuiltProducts.executable("ndx").deletingLastPathComponent()
    for _ in 1...2 {
      let output = try await NdxCommand.run(
        Self.root.appending(path: "Examples/demo/demo.sh"), [],
        environment: ["BIN": tools.path(percentEncoded: false), "FOLDER": folder.file("demo")],
        scratch: folder.path)
      #expect(output.exitCode == 0, "\(output.standardOutput)\n\(output.standardError)")
      #expect(output.standardOutput.contains("Everything held."))
    }
    #expect(FileManager.default.fileExists(atPath: folder.file("demo.previous")))
  }
}
