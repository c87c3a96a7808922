import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func listMembers(
    _ request: SettlementV1.ListMembersRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListMembersResponse {
    let owner = try Self.owner(context)
    let page = try PageQuery(request, scope: [owner?.description ?? ""])
    let fetched = try await transactor.database.read {
      try MemberTable($0).list(owner, after: page.afterNumber, limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.number) }
    return SettlementV1.ListMembersResponse(
      members: items.map { SettlementV1.Member($0.member) }, nextPageToken: token)
  }
}
