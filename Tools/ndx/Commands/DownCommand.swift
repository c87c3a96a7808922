import ArgumentParser
import Model

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
  @OptionGroup var display: MessageOptions

  func run() async throws {
    let stopped = try await folder.exchange.stop()
    let names = stopped.joined(separator: ", ")
    let text =
      stopped.isEmpty
      ? Text(vi: "không có gì đang chạy", en: "nothing was running")
      : Text(vi: "đã dừng \(names)", en: "stopped \(names)")
    Console.note(text[display.effectiveLanguage])
  }
}
