import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func lookupAccounts(
    _ request: SettlementV1.LookupAccountsRequest, _ context: CallContext
  ) async throws -> SettlementV1.LookupAccountsResponse {
    let viewer = try context.viewer()
    try ledger.partitions.require(viewer)
    let now = transactor.clock.now()
    let accounts = try await transactor.database.read { db in
      let table = AccountTable(db)
      return try request.accountIDs.compactMap { id -> Account? in
        guard let stored = try table.find(id), viewer.sees(stored.account) else { return nil }
        return try table.current(stored, at: now)
      }
    }
    return SettlementV1.LookupAccountsResponse(accounts: accounts.map { SettlementV1.Account($0) })
  }
}
