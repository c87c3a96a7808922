import Client
import Model
import RPC
import Stubs

/// The ledger of one instance as commands use it: one item at a time, refusals thrown.
struct Ledger {
  private let client: LedgerServiceClient

  init(_ instance: RPCChannel) {
    client = LedgerServiceClient(instance)
  }

  /// Opens an account and returns it as the ledger has it.
  func create(_ account: SettlementV1.Account) async throws -> SettlementV1.Account {
    let result = try await client.createAccounts(.init(accounts: [account])).results.first
    guard let result, result.created else {
      throw refusal(result?.reason ?? "NO_RESULT", field: result?.field ?? "")
    }
    return try await self.account(account.id)
  }

  /// Throws as a service would when there is none: it may be in another instance.
  func account(_ id: AccountID) async throws -> SettlementV1.Account {
    guard let account = try await client.lookupAccounts(.init(accountIDs: [id])).accounts.first
    else {
      throw RPCStatus(
        code: .notFound, message: "there is no such account",
        details: ErrorDetails(reason: "ACCOUNT_NOT_FOUND", domain: "ndx.settlement"))
    }
    return account
  }

  /// The exchange's account for money from outside, opened when there is none.
  func externalAccount(like account: SettlementV1.Account) async throws -> SettlementV1.Account {
    var token = ""
    repeat {
      let page = try await client.listAccounts(.init(pageToken: token, exchangeOwned: true))
      let match = page.accounts.first {
        $0.kind == .external && $0.currencyCode == account.currencyCode
          && $0.environment == account.environment
      }
      if let match { return match }
      token = page.nextPageToken
    } while !token.isEmpty
    return try await create(
      SettlementV1.Account(
        id: .make(at: WallClock.system.now()), currencyCode: account.currencyCode,
        environment: account.environment, kind: .external, overdraftAllowed: true))
  }

  /// Submits one transfer and returns it as recorded.
  func submit(_ transfer: SettlementV1.Transfer) async throws -> SettlementV1.Transfer {
    let result = try await client.submitTransfers(.init(transfers: [transfer])).results.first
    guard let result, result.outcome == .ok || result.outcome == .exists else {
      let name = result?.outcome.argumentName ?? "no-result"
      throw refusal(
        name.uppercased().split(separator: "-").joined(separator: "_"), field: result?.field ?? "")
    }
    let ids = [transfer.id].compactMap(\.self)
    return try await client.lookupTransfers(.init(transferIDs: ids)).transfers.first ?? transfer
  }

  private func refusal(_ reason: String, field: String = "") -> ExchangeError {
    ExchangeError(
      reason, field.isEmpty ? "the ledger refuses" : "the ledger refuses: \(field)",
      status: .refused)
  }
}

extension SettlementV1.Account: Presentable {
  /// What belongs to the owner: credits less debits.
  var balance: Int64 { creditsPosted - debitsPosted }

  private func amount(_ minorUnits: Int64) -> String {
    Currency(currencyCode).map { Layout.amount(minorUnits, $0) } ?? "\(minorUnits)"
  }

  static var headings: [String] { ["id", "kind", "owner", "balance", "held", "state"] }

  func cells(_ language: Language) -> [String] {
    [
      id.description, kind.argumentName, ownerID?.description ?? "", amount(balance),
      amount(debitsPending), state.argumentName,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    [
      ("account", id.description), ("owner", ownerID?.description ?? ""),
      ("kind", kind.argumentName), ("environment", environment.argumentName),
      ("balance", amount(balance)), ("held", amount(debitsPending)),
      ("state", state.argumentName),
    ]
  }
}

extension SettlementV1.Transfer: Presentable {
  private var money: String {
    Currency(currencyCode).map { Layout.amount(amount, $0) } ?? "\(amount)"
  }

  static var headings: [String] { ["id", "time", "kind", "debit", "credit", "amount"] }

  func cells(_ language: Language) -> [String] {
    [
      id?.description ?? "", createTime?.description ?? "", kind.argumentName,
      debitAccountID?.description ?? "", creditAccountID?.description ?? "", money,
    ]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(["transfer", "time", "kind", "debit", "credit", "amount"], cells(language)))
      + [("order", orderID?.description ?? "")]
  }
}

extension SettlementV1.VerifyLedgerResponse: Presentable {
  static var headings: [String] { ["accounts", "transfers", "findings"] }

  func cells(_ language: Language) -> [String] {
    ["\(accountsChecked)", "\(transfersChecked)", "\(findings.count)"]
  }

  func rows(_ language: Language) -> [(String, String)] {
    Array(zip(Self.headings, cells(language)))
      + findings.map { ($0.accountID?.description ?? "ledger", $0.finding) }
  }
}
