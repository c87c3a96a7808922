import ArgumentParser
import Client
import Model
import Stubs

/// `ndx routing`.
struct RoutingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "routing",
    abstract: "See and set which instance of settlement owns what.",
    discussion: """
      EXAMPLES
        ndx routing get --profile company
        ndx routing set --version 0 --profile registrar-1 \\
          --partition p1:VND/live/000-7ff@one.example:7403 \\
          --partition p2:VND/live/800-fff@two.example:7403
      """,
    subcommands: [Get.self, Set.self])

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the routing table.")
    @OptionGroup var session: SessionOptions

    func run() async throws {
      try await session.show { exchange in
        try await exchange.credentials.getTrustBundle(.init()).routing
          ?? IdentityV1.RoutingTable()
      }
    }
  }

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Replace the routing table (registrar, security officer).",
      discussion: "Without partitions, one instance owns everything.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "The version that you have read, which this one replaces.") var version: Int64
    @Option(
      name: .customLong("partition"),
      help: ArgumentHelp(
        "A partition and where its instance answers; once for each.",
        valueName: "name:currency/environment[/first-last],…@host:port,…"))
    var partitions: [PartitionArgument] = []

    func run() async throws {
      let table = IdentityV1.SetRoutingTableRequest(
        requestID: request.id, version: version, partitions: partitions.map(\.partition))
      try await session.show { exchange in
        try await RoutingServiceClient(exchange.channel(to: "identity")).setRoutingTable(table)
          .routing
      }
    }
  }
}

/// `p1:VND/live/000-7ff,USD/live@one.example:7403`.
struct PartitionArgument: ExpressibleByArgument {
  let partition: IdentityV1.Partition

  init?(argument: String) {
    let sides = argument.split(separator: "@")
    guard sides.count == 2, var partition = IdentityV1.Partition(sides[0]) else { return nil }
    partition.addresses = sides[1].split(separator: ",").map(String.init)
    self.partition = partition
  }
}

extension IdentityV1.RoutingTable: Presentable {
  static var headings: [String] { ["version", "partitions"] }

  func cells(_ language: Language) -> [String] { ["\(version)", "\(partitions.count)"] }

  func rows(_ language: Language) -> [(String, String)] {
    [("version", "\(version)"), ("set", updateTime?.description ?? "")]
      + partitions.map { ($0.name, "\($0.text) at \($0.addresses.joined(separator: ", "))") }
  }
}
