import Codec
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  /// Policies can be long: a page stays below the 4 MiB that clients accept in one message.
  private static let pageBytes = 3 << 20

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
    try ledger.partitions.requireSome(fetched.isEmpty && page.after == nil, of: party)
    let messages = fetched.map { ($0.number, SettlementV1.Order($0.order, at: now)) }
    let (items, token) = page.page(
      messages, within: Self.pageBytes, bytes: { $0.1.serialized().count + 8 },
      key: { PageQuery.key($0.0) })
    return SettlementV1.ListOrdersResponse(orders: items.map(\.1), nextPageToken: token)
  }
}
