import ArgumentParser
import Client
import Model
import Stubs

extension ClearingCommand {
  struct Statement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the statement of an account for a closed window or a range of time.",
      discussion: """
        It is in the language of messages (--language), as lines ready for print or as CSV (RFC 4180).
        """)
    @OptionGroup var session: SessionOptions
    @Argument(help: "The account.") var account: AccountID
    @Option(help: "The window that it is for.") var window: WindowID?
    @Option(help: "From this time on, RFC 3339.") var from: Timestamp?
    @Option(help: "Before this time, RFC 3339.") var until: Timestamp?
    @Option(help: "Its form.") var form = Named(SettlementV1.StatementFormat.text)

    func validate() throws {
      guard window == nil || (from == nil && until == nil) else {
        throw ValidationError("Give --window, or --from and --until.")
      }
    }

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.call {
          try await ClearingServiceClient($0).getStatement(
            .init(
              accountID: account, windowID: window, startTime: from, endTime: until,
              format: form.value))
        }
      }
      switch session.display.output {
      case .json: Console.write(try ProtoJSON.text(of: answer))
      case .text: Console.write(answer.content)
      }
    }
  }
}
