import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  /// A hold that has expired meanwhile is written down first: expiry counts from its moment on.
  func getBalanceHistory(
    _ request: SettlementV1.GetBalanceHistoryRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetBalanceHistoryResponse {
    let viewer = try context.viewer()
    try ledger.partitions.require(viewer)
    let page = try PageQuery(
      request,
      scope: [
        request.accountID.description, request.startTime?.description ?? "",
        request.endTime?.description ?? "",
      ])
    let now = transactor.clock.now()
    let isBehind = try await transactor.database.read { [ledger] db in
      guard let account = try AccountTable(db).find(request.accountID)?.account,
        viewer.sees(account)
      else { throw ledger.partitions.unknown(.accountNotFound(request.accountID)) }
      guard account.history else { throw SettlementError.account(.noHistory) }
      return try HistoryTable(db).isBehind(account: account.id, at: now)
    }
    if isBehind {
      try await transactor.write(context) { [ledger] in _ = try ledger.submit([], $0) }
    }
    let fetched = try await transactor.database.read { db in
      try HistoryTable(db).list(
        account: request.accountID, from: request.startTime, until: request.endTime,
        after: page.afterNumber, limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.number) }
    return SettlementV1.GetBalanceHistoryResponse(
      changes: items.map { SettlementV1.BalanceChange($0.change) }, nextPageToken: token)
  }
}
