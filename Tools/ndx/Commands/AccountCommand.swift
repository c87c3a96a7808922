import ArgumentParser
import Client
import Model
import Stubs

/// `ndx account`.
struct AccountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account",
    abstract: "Open accounts of the ledger, see balances, book deposits.",
    discussion: """
      EXAMPLES
        ndx account create --profile company
        ndx account deposit ACCOUNT --amount "5000000 VND" --profile clearing-officer
        ndx account list --profile company
        ndx account list --exchange-owned --profile clearing-officer
      """,
    subcommands: [Create.self, List.self, Deposit.self, Transfers.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Open an account: of one's own, or any as clearing officer.")
    @OptionGroup var session: SessionOptions
    @Option(help: "Its identifier; repeating it repeats the request safely.") var id: AccountID?
    @Option(help: "ISO 4217 code.") var currency = "VND"
    @Option(help: "Environment.") var environment = Named(TypeV1.Environment.live)
    @Option(help: "What it is for.") var kind = Named(SettlementV1.AccountKind.participant)
    @Option(help: "Its owner; the profile's participant by default, nobody for other kinds.")
    var owner: ParticipantID?
    @Flag(help: "It may go below zero: external accounts, and a participant's that has a cap.")
    var overdraft = false
    @Option(help: "How far below zero it may go, such as \"5000000 VND\" (clearing officer).")
    var netDebitCap: MoneyArgument?
    @Flag(help: "Keep what its counters were after each change.") var history = false

    func run() async throws {
      try await session.show { exchange in
        let own = kind.value == .participant ? exchange.profile.participantID : nil
        let account = SettlementV1.Account(
          id: id ?? .make(at: WallClock.system.now()), ownerID: owner ?? own,
          currencyCode: currency, environment: environment.value, kind: kind.value,
          overdraftAllowed: overdraft || netDebitCap != nil,
          netDebitCap: netDebitCap?.money.minorUnits ?? 0, history: history)
        return try await exchange.settlement.call(about: account.ownerID) {
          try await Ledger($0).create(account)
        }
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List accounts with their balances, oldest first.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Option(help: "Their owner; the profile's participant by default.") var owner: ParticipantID?
    @Flag(help: "The exchange's own accounts instead (staff).") var exchangeOwned = false

    func run() async throws {
      let answer = try await session.connected { exchange in
        try await exchange.settlement.list(pageSize: page.pageSize, pageToken: page.pageToken) {
          instance, size, token in
          let answer = try await LedgerServiceClient(instance).listAccounts(
            .init(
              pageSize: size, pageToken: token, ownerID: owner,
              exchangeOwned: exchangeOwned))
          return (answer.accounts, answer.nextPageToken)
        }
      }
      try session.display.show(
        answer.0,
        of: SettlementV1.ListAccountsResponse(accounts: answer.0, nextPageToken: answer.1),
        nextPageToken: answer.1)
    }
  }

  struct Deposit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Book money that came in from outside (clearing officer).",
      discussion: """
        The other side is the exchange's EXTERNAL account of the same currency and environment, \
        which is opened when there is none.
        """)
    @OptionGroup var session: SessionOptions
    @Argument(help: "The account to credit.") var account: AccountID
    @Option(help: "How much, such as \"5000000 VND\".") var amount: MoneyArgument
    @Option(help: "Identifier of the transfer; repeating it repeats the request safely.")
    var transferID: TransferID?

    func run() async throws {
      try await session.show { exchange in
        let id = transferID ?? .make(at: WallClock.system.now())
        return try await exchange.settlement.call { instance in
          let ledger = Ledger(instance)
          let credited = try await ledger.account(account)
          let external = try await ledger.externalAccount(like: credited)
          return try await ledger.submit(
            SettlementV1.Transfer(
              id: id, kind: .post, debitAccountID: external.id, creditAccountID: account,
              amount: amount.money.minorUnits, currencyCode: amount.money.currency.code))
        }
      }
    }
  }

  struct Transfers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the transfers of an account in order of time.")
    @OptionGroup var session: SessionOptions
    @OptionGroup var page: PageOptions
    @Argument(help: "The account.") var account: AccountID

    func run() async throws {
      let answer = try await session.connected { exchange in
        let request = SettlementV1.ListTransfersRequest(
          pageSize: page.pageSize, pageToken: page.pageToken, accountID: account)
        return try await exchange.settlement.call {
          try await LedgerServiceClient($0).listTransfers(request)
        }
      }
      try session.display.show(answer.transfers, of: answer, nextPageToken: answer.nextPageToken)
    }
  }
}
