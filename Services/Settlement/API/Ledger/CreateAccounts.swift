import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func createAccounts(
    _ request: SettlementV1.CreateAccountsRequest, _ context: CallContext
  ) async throws -> SettlementV1.CreateAccountsResponse {
    let opener = try Self.opener(context)
    for account in request.accounts {
      guard let currency = Currency(account.currencyCode) else { continue }
      try ledger.partitions.require(currency, account.environment, account.ownerID)
    }
    let results = try await transactor.write(context) { transaction in
      try request.accounts.map { try Self.open($0, by: opener, transaction) }
    }
    return SettlementV1.CreateAccountsResponse(results: results)
  }

  private static func opener(_ context: CallContext) throws -> AccountRule.Opener {
    if case .service = context.caller { return .exchange }
    let caller = try context.participant()
    guard !caller.roles.contains(.clearingOfficer) else { return .exchange }
    return .participant(caller.participantID, caller.environment)
  }

  private static func open(
    _ message: SettlementV1.Account, by opener: AccountRule.Opener, _ transaction: Transaction
  ) throws -> SettlementV1.AccountResult {
    let table = AccountTable(transaction.db)
    let account: Account
    do {
      account = try AccountRule.check(message, by: opener, at: transaction.now)
    } catch {
      return SettlementV1.AccountResult(reason: error.reason, field: error.field)
    }
    if let existing = try table.find(account.id)?.account {
      let field = AccountRule.firstDifference(account, existing)
      return SettlementV1.AccountResult(
        created: field == nil, reason: field == nil ? "" : "EXISTS_DIFFERENT", field: field ?? "")
    }
    if AccountRule.isSingle(account.kind),
      try table.ofExchange(account.kind, account.currency, account.environment) != nil
    {
      return SettlementV1.AccountResult(reason: "EXCHANGE_HAS_ONE", field: "kind")
    }
    try table.insert(account)
    try transaction.emit(AuditEvent(opened: account))
    return SettlementV1.AccountResult(created: true)
  }
}
