import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension CrossingHandler {
  func listCrossings(
    _ request: SettlementV1.ListCrossingsRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListCrossingsResponse {
    let page = try PageQuery(request, scope: ["\(request.state.rawValue)"])
    let fetched = try await transactor.database.read {
      try CrossingTable($0).list(
        state: CrossingState(rawValue: request.state.rawValue), after: page.afterNumber,
        limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.number) }
    return SettlementV1.ListCrossingsResponse(
      crossings: items.map { SettlementV1.Crossing($0.crossing) }, nextPageToken: token)
  }
}
