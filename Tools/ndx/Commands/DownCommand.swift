import ArgumentParser

/// `ndx down`.
struct DownCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Stop the local exchange: open calls finish, nothing is lost.",
    discussion: """
      EXAMPLES
        ndx down
        ndx down --directory demo
      """)

  @OptionGroup var folder: ExchangeFolderOptions

  func run() async throws {
    let stopped = try await folder.exchange.stop()
    Console.note(
      stopped.isEmpty ? "nothing was running" : "stopped \(stopped.joined(separator: ", "))")
  }
}
