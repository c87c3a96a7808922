import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func getPositions(
    _ request: SettlementV1.GetPositionsRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetPositionsResponse {
    let (window, _) = try await visible(request.windowID, context)
    let owner = try Self.owner(context)
    let page = try PageQuery(
      request, scope: [request.windowID.description, owner?.description ?? ""])
    let fetched = try await transactor.database.read { db in
      try PositionTable(db).list(
        window.id, owner: owner, after: page.afterNumber, limit: page.fetchCount
      ).map { ($0, try LegTable(db).find(window.id, account: $0.position.accountID)) }
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.0.number) }
    return SettlementV1.GetPositionsResponse(
      positions: items.map {
        SettlementV1.Position($0.0.position, owner: $0.0.ownerID, $0.1, window.key.environment)
      }, nextPageToken: token)
  }
}
