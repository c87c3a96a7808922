import ArgumentParser
import Client
import Model
import RPC
import Stubs

/// `ndx ledger`.
struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: "Stop and close accounts, set caps, see balances as they were, check the books.",
    discussion: """
      EXAMPLES
        ndx ledger freeze ACCOUNT --reason "court order 12" --profile clearing-officer
        ndx ledger cap ACCOUNT --amount "5000000 VND" --reason "review" --profile clearing-officer
        ndx ledger history ACCOUNT --profile company
        ndx ledger verify --profile auditor
      """,
    subcommands: [
      Freeze.self, Unfreeze.self, Close.self, Cap.self, History.self, Verify.self,
    ])

  struct Freeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop an account: no transfer may touch it (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: AccountAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await LedgerServiceClient($0).freezeAccount(
            .init(requestID: request.id, accountID: subject.id, reason: subject.reason))
        }.account
      }
    }
  }

  struct Unfreeze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a frozen account be used again (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: AccountAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await LedgerServiceClient($0).unfreezeAccount(
            .init(requestID: request.id, accountID: subject.id, reason: subject.reason))
        }.account
      }
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Close an empty account for good (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: AccountAndReason

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await LedgerServiceClient($0).closeAccount(
            .init(requestID: request.id, accountID: subject.id, reason: subject.reason))
        }.account
      }
    }
  }

  struct Cap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set how far below zero an account with overdraft may go (clearing officer).")
    @OptionGroup var session: SessionOptions
    @OptionGroup var request: RequestOptions
    @OptionGroup var subject: AccountAndReason
    @Option(help: "How far, such as \"5000000 VND\".") var amount: MoneyArgument

    func run() async throws {
      try await session.show { exchange in
        try await exchange.settlement.call {
          try await LedgerServiceClient($0).setNetDebitCap(
            .init(
              requestID: request.id, accountID: subject.id, reason: subject.reason,
              netDebitCap: amount.money.minorUnits))
        }.account
      }
    }
  }

  struct History: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what an account's counters were after each change.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The account; it must have been opened with --history.") var account: AccountID

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.call {
          try await LedgerServiceClient($0).getBalanceHistory(
            .init(pageSize: page.pageSize, pageToken: page.pageToken, accountID: account))
        }
      }
      try session.display.show(answer.changes, of: answer, nextPageToken: answer.nextPageToken)
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check every balance, hold and link of the ledger (clearing officer, auditor).",
      discussion: "Every instance is checked. How far it has come is told on standard error. The "
        + "exit code is 4 when anything does not agree.")
    @OptionGroup var session: SessionOptions

    func run() async throws {
      var result = SettlementV1.VerifyLedgerResponse(complete: true)
      try await session.connected { exchange in
        for instance in try await exchange.settlement.all() {
          let own = try await Self.verify(instance)
          result.accountsChecked += own.accountsChecked
          result.transfersChecked += own.transfersChecked
          result.findings += own.findings
          result.complete = result.complete && own.complete
        }
      }
      try session.display.show(result)
      guard result.complete else {
        throw ExchangeError("INCOMPLETE", "the check broke off", status: .unreachable)
      }
      guard result.findings.isEmpty else {
        throw ExchangeError(
          "LEDGER_DISAGREES", "\(result.findings.count) findings", status: .notVerified)
      }
    }

    private static func verify(
      _ instance: SettlementInstances.Instance
    ) async throws -> SettlementV1.VerifyLedgerResponse {
      var result = SettlementV1.VerifyLedgerResponse()
      let place = instance.name.isEmpty ? "" : "\(instance.name): "
      for try await step in LedgerServiceClient(instance.channel).verifyLedger(.init()) {
        let findings = result.findings + step.findings
        result = step
        result.findings = findings
        if !step.complete {
          Console.note(
            "\(place)\(step.accountsChecked) accounts, \(step.transfersChecked) transfers")
        }
      }
      return result
    }
  }
}

/// An account and why something is done to it.
struct AccountAndReason: ParsableArguments {
  @Argument(help: "The account.") var id: AccountID
  @Option(help: "Why, for the record.") var reason: String
}

extension SettlementV1.BalanceChange: Presentable {
  static var headings: [String] {
    ["time", "transfer", "debits", "held debits", "credits", "held credits"]
  }

  func cells(_ language: Language) -> [String] {
    [createTime?.description ?? "", transferID?.description ?? ""]
      + [debitsPosted, debitsPending, creditsPosted, creditsPending].map { "\($0)" }
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
  }
}
