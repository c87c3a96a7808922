import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func listTransfers(
    _ request: SettlementV1.ListTransfersRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListTransfersResponse {
    let viewer = try context.viewer()
    try ledger.partitions.require(viewer)
    let page = try PageQuery(
      request,
      scope: [
        request.accountID.description, request.startTime?.description ?? "",
        request.endTime?.description ?? "",
      ])
    let fetched = try await transactor.database.read { [ledger] db in
      guard let account = try AccountTable(db).find(request.accountID)?.account,
        viewer.sees(account)
      else { throw ledger.partitions.unknown(.accountNotFound(request.accountID)) }
      return try TransferChain(db).list(
        account: request.accountID, from: request.startTime, until: request.endTime,
        after: page.afterNumber, limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.sequence) }
    return SettlementV1.ListTransfersResponse(
      transfers: items.map { SettlementV1.Transfer($0) }, nextPageToken: token)
  }
}
