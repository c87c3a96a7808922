import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func listWindows(
    _ request: SettlementV1.ListWindowsRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListWindowsResponse {
    let confinement = try Self.confinement(context)
    let environment = request.environment == .unspecified ? nil : request.environment
    let page = try PageQuery(
      request,
      scope: [
        request.currencyCode, "\(request.environment.rawValue)", "\(request.model.rawValue)",
        "\(request.state.rawValue)", "\(confinement?.rawValue ?? 0)",
      ])
    if let confinement, let environment, confinement != environment {
      return SettlementV1.ListWindowsResponse()
    }
    try ledger.partitions.require(Currency(request.currencyCode), environment)
    // A filter by state must not find windows in a state that has ended already.
    try await passDeadlines()
    let filter = WindowTable.Filter(
      currency: Currency(request.currencyCode), environment: confinement ?? environment,
      model: SettlementModel(rawValue: request.model.rawValue),
      state: WindowState(rawValue: request.state.rawValue))
    let fetched = try await transactor.database.read { db in
      try WindowTable(db).list(filter, after: page.afterNumber, limit: page.fetchCount).map {
        ($0, try LegTable(db).all(of: $0.window.id))
      }
    }
    let forStaff = try Self.owner(context) == nil
    let (items, token) = page.page(fetched) { PageQuery.key($0.0.number) }
    return SettlementV1.ListWindowsResponse(
      windows: items.map { SettlementV1.Window($0.0.window, $0.1, forStaff: forStaff) },
      nextPageToken: token)
  }
}
