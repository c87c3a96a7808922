import ArgumentParser
import Client
import Model
import RPC
import Stubs

/// `ndx probe`.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Call each service again and again over one open connection.",
    discussion: """
      Shows what a participant's right to call is worth from moment to moment: a revoked \
      certificate is refused on connections that are open already. Ends with exit code 1 at the \
      first refusal.

      EXAMPLES
        ndx probe --repeat 60 --interval-milliseconds 500 --profile company
      """)

  @OptionGroup var session: SessionOptions
  @Option(name: .customLong("repeat"), help: "Rounds of calls.") var rounds = 1
  @Option(help: "Wait between rounds.") var intervalMilliseconds = 1000

  func run() async throws {
    var configuration = RPCChannelConfiguration()
    configuration.maximumConnections = 1
    try await session.connected(configuration: configuration) { exchange in
      for round in 1...max(1, rounds) {
        if round > 1 { try await Task.sleep(for: .milliseconds(intervalMilliseconds)) }
        _ = try await exchange.participants.getParticipant(
          .init(participantID: exchange.profile.participantID))
        _ = try await exchange.offers.listOffers(.init(pageSize: 1))
        _ = try await exchange.settlement.list(pageSize: 1, pageToken: "") {
          instance, size, token in
          let page = try await OrderServiceClient(instance).listOrders(
            .init(pageSize: size, pageToken: token))
          return (page.orders, page.nextPageToken)
        }
        _ = try await exchange.log.getCheckpoint(.init())
        Console.write("round \(round): identity, catalog, settlement and audit answered")
      }
    }
  }
}
