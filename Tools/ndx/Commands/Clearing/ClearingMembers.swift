import ArgumentParser
import Client
import Model
import Stubs

extension ClearingCommand {
  struct PutMember: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let an account settle net from now on, or change its bank (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @Option(help: "The participant.") var participant: ParticipantID
    @Option(help: "Its account of the ledger.") var account: AccountID
    @Option(help: "Holder of its bank account, as the bank knows it.") var name: String
    @Option(help: "Its bank, by ISO 9362.") var bic: String
    @Option(help: "Its account there: IBAN or the bank's own number.") var bankAccount: String

    func run() async throws {
      let member = SettlementV1.Member(
        participantID: participant, accountID: account, name: name, bankBic: bic,
        bankAccount: bankAccount)
      try await session.show { exchange in
        try await exchange.settlement.call(about: participant) {
          try await ClearingServiceClient($0)
            .putMember(.init(requestID: request.id, member: member))
        }.member
      }
    }
  }

  struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List who settles net, oldest first; others than staff see themselves.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await ClearingServiceClient(instance).listMembers(
            .init(pageSize: size, pageToken: token))
          return (answer.members, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0, of: SettlementV1.ListMembersResponse(members: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }
}

extension SettlementV1.Member: Presentable {
  static var headings: [String] {
    ["participant", "account", "currency", "environment", "name", "bank", "bank account"]
  }

  func cells(_ language: Language) -> [String] {
    [
      participantID.description, accountID.description, currencyCode, environment.argumentName,
      name, bankBic, bankAccount,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language))) + [("since", createTime?.description ?? "")]
  }
}
