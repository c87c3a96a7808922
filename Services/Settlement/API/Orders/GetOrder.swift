import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension OrderHandler {
  func getOrder(
    _ request: SettlementV1.GetOrderRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetOrderResponse {
    let viewer = try context.viewer()
    let now = transactor.clock.now()
    var order = try await visible(request.orderID, viewer)
    if order.deadlineEffect(at: now) != nil {
      try await deadlines.tryToEnforce(order.id)
      order = try await visible(request.orderID, viewer)
    }
    return SettlementV1.GetOrderResponse(order: SettlementV1.Order(order, at: now))
  }

  private func visible(_ id: OrderID, _ viewer: Viewer) async throws -> Order {
    let order = try await transactor.database.read { try OrderTable($0).find(id) }
    guard let order, viewer.sees(order) else { throw ledger.partitions.unknown(.orderNotFound(id)) }
    return order
  }
}
