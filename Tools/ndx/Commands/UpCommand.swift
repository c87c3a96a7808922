import ArgumentParser
import Client
import Foundation
import Glibc
import Model

/// `ndx up`.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract:
      "Start a local exchange: the four services on loopback, with keys and databases in one folder.",
    discussion: """
      The first start makes the certificate authority and the profiles of the staff: registrar-1, \
      registrar-2, reviewer, clearing-officer, clearing-officer-2, arbiter, security-officer and auditor. Later starts go on \
      from what is there, and start only what does not run. In the foreground, Ctrl-C stops every \
      service cleanly; nothing that ends by itself is restarted. With --partition, one instance of \
      settlement is started for each and the routing table is set; they are kept from then on, may \
      grow and be joined by others, and the first takes over what was there before.

      EXAMPLES
        ndx up
        ndx up --directory demo --ports auto --detach
        ndx up --partition p1:VND/live/000-7ff,VND/sandbox --partition p2:VND/live/800-fff
      """)

  enum Ports: ExpressibleByArgument {
    case fixed(first: Int)
    case automatic

    init?(argument: String) {
      if argument == "auto" {
        self = .automatic
      } else if let first = Int(argument), (1...65_529).contains(first) {
        self = .fixed(first: first)
      } else {
        return nil
      }
    }

    var defaultValueDescription: String { "7400" }
  }

  @OptionGroup var folder: ExchangeFolderOptions
  @OptionGroup var display: OutputOptions
  @Option(help: "First of six ports in a row, or auto for free ones; kept from then on.")
  var ports = Ports.fixed(first: 7400)
  @Option(
    name: .customLong("partition"),
    help: ArgumentHelp(
      "What an instance of settlement owns; once for each.",
      valueName: "name:currency/environment[/first-last],…"))
  var partitions: [PartitionText] = []
  @Option(help: "Folder of the services' executables (default: that of ndx).")
  var executables: String?
  @Flag(help: "Return once everything is ready; `ndx down` stops it.") var detach = false

  func run() async throws {
    let signals = Signals.stream([SIGINT, SIGTERM, SIGCHLD])
    let starter = ExchangeStarter(
      exchange: folder.exchange, executables: try executablesFolder(), ports: ports,
      partitions: partitions.map(\.partition))
    let started = try await starter.start()
    let states = try folder.exchange.services().map { ServiceStatus(folder.exchange.process($0)) }
    try display.show(states, of: ["services": states])
    note("sàn: \(folder.exchange.descriptionPath)", "exchange: \(folder.exchange.descriptionPath)")
    if started.isEmpty {
      note("Sàn đã chạy từ trước; dừng bằng `ndx down`.", "It ran already; `ndx down` stops it.")
    }
    if detach || started.isEmpty { return }
    note("Ctrl-C để dừng.", "Ctrl-C stops it.")
    try await supervise(started, signals)
  }

  /// Waits for Ctrl-C, or until all that was started here has ended.
  private func supervise(_ started: [String], _ signals: AsyncStream<Int32>) async throws {
    var running = Set(started)
    for await signal in signals {
      guard signal == SIGCHLD else { break }
      while waitpid(-1, nil, WNOHANG) > 0 {}
      for service in running where folder.exchange.process(service).pid() == nil {
        running.remove(service)
        let log = folder.exchange.logPath(service)
        note("\(service) đã kết thúc; xem \(log)", "\(service) has ended; see \(log)")
      }
      if running.isEmpty { break }
    }
    let stopped = try await folder.exchange.stop()
    let names = stopped.joined(separator: ", ")
    if !stopped.isEmpty { note("đã dừng \(names)", "stopped \(names)") }
  }

  private func note(_ vi: String, _ en: String) {
    Console.note(Text(vi: vi, en: en)[display.effectiveLanguage])
  }

  /// `p1:VND/live/000-7ff,USD/live`.
  struct PartitionText: ExpressibleByArgument {
    let partition: IdentityV1.Partition

    init?(argument: String) {
      guard let partition = IdentityV1.Partition(argument) else { return nil }
      self.partition = partition
    }
  }

  private func executablesFolder() throws -> String {
    if let executables { return executables }
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: own).deletingLastPathComponent().path
  }
}
