import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func listOrders(
    _ request: SettlementV1.ListOrdersRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListOrdersResponse {
    let party: ParticipantID?
    switch try context.viewer() {
    case .exchange: party = nil
    case .participant(let id): party = id
    }
    let page = try PageQuery(
      request, scope: [party?.description ?? "", "\(request.state.rawValue)"])
    // A filter by state must not find orders in a state that has ended already.
    _ = try await deadlines.enforceDue()
    let filter = OrderTable.Filter(
      party: party, state: OrderState(rawValue: request.state.rawValue))
    let now = transactor.clock.now()
    let fetched = try await transactor.database.read {
      try OrderTable($0).list(filter, after: page.afterNumber, limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.number) }
    return SettlementV1.ListOrdersResponse(
      orders: items.map { SettlementV1.Order($0.order, at: now) }, nextPageToken: token)
  }
}
