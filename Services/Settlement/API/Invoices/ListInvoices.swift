import Codec
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension InvoiceHandler {
  /// Names and titles can be long: a page stays below the 4 MiB that clients accept in one message.
  private static let pageBytes = 3 << 20

  func listInvoices(
    _ request: SettlementV1.ListInvoicesRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListInvoicesResponse {
    let party: ParticipantID?
    switch try context.viewer() {
    case .exchange: party = nil
    case .participant(let id): party = id
    }
    let page = try PageQuery(
      request,
      scope: [
        party?.description ?? "", request.orderID?.description ?? "", "\(request.kind.rawValue)",
      ])
    let filter = InvoiceTable.Filter(party: party, order: request.orderID, kind: request.kind)
    let fetched = try await transactor.database.read {
      try InvoiceTable($0).list(filter, after: page.afterNumber, limit: page.fetchCount)
    }
    try partitions.requireSome(fetched.isEmpty && page.after == nil, of: party)
    let messages = fetched.map { ($0.number, SettlementV1.Invoice($0.invoice)) }
    let (items, token) = page.page(
      messages, within: Self.pageBytes, bytes: { $0.1.serialized().count + 8 },
      key: { PageQuery.key($0.0) })
    return SettlementV1.ListInvoicesResponse(invoices: items.map(\.1), nextPageToken: token)
  }
}
