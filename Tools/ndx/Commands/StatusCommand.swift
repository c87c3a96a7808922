import ArgumentParser
import Foundation
import Model

/// `ndx status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract:
      "Say which services of the local exchange run, where, and what they need somebody to do.",
    discussion: """
      A service that cannot hand its events to the audit log keeps them, goes on and says so here; a newer copy of its \
      database, or of the log's, is then needed.

      The exit code is 0 when all of them are ready, 3 when any is not.

      EXAMPLES
        ndx status
        ndx status --directory demo --output json
      """)

  @OptionGroup var folder: ExchangeFolderOptions
  @OptionGroup var display: OutputOptions

  func run() throws {
    let exchange = folder.exchange
    let states = try exchange.services().map { ServiceStatus(exchange.process($0)) }
    try display.show(states, of: ["services": states])
    if let missing = states.first(where: { !$0.isReady }) {
      throw ExchangeError("NOT_READY", "\(missing.name) is not ready", status: .unreachable)
    }
  }
}

/// Which local exchange a command is about.
struct ExchangeFolderOptions: ParsableArguments {
  @Option(help: "Folder of the local exchange (default: NDX_DIRECTORY, else .ndx).")
  var directory: String?

  var exchange: LocalExchange {
    let environment = ProcessInfo.processInfo.environment
    return LocalExchange(directory: directory ?? environment["NDX_DIRECTORY"] ?? ".ndx")
  }
}

/// One service of the local exchange.
struct ServiceStatus: Presentable {
  let name: String
  private let pid: Int32?
  private let address: String?
  private let state: String
  private let attention: ServiceProcess.Attention?

  init(_ process: ServiceProcess) {
    name = process.name
    pid = process.pid()
    address = pid == nil ? nil : process.readiness()?.address
    attention = pid == nil ? nil : process.attention()
    state = pid == nil ? "stopped" : address == nil ? "starting" : "ready"
  }

  var isReady: Bool { state == "ready" }

  static var headings: [String] { ["service", "state", "address", "pid", "attention"] }

  func cells(_ language: Language) -> [String] {
    let text = attention.map { language == .vi ? $0.vi : $0.en } ?? ""
    return [name, state, address ?? "", pid.map { "\($0)" } ?? "", text]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
