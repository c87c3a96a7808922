import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func listAccounts(
    _ request: SettlementV1.ListAccountsRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListAccountsResponse {
    let owner = try Self.owner(request, context)
    if let owner { try ledger.partitions.require(owner) }
    let page = try PageQuery(request, scope: [owner?.description ?? "exchange"])
    let now = transactor.clock.now()
    let fetched = try await transactor.database.read { db in
      let table = AccountTable(db)
      return try table.list(owner: owner, after: page.afterNumber, limit: page.fetchCount)
        .map { ($0.number, try table.current($0, at: now)) }
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.0) }
    return SettlementV1.ListAccountsResponse(
      accounts: items.map { SettlementV1.Account($0.1) }, nextPageToken: token)
  }

  /// Whose accounts are asked for; nil for the exchange's own.
  /// - Throws: `SettlementError.notOwner` for what the caller may not see.
  private static func owner(
    _ request: SettlementV1.ListAccountsRequest, _ context: CallContext
  ) throws -> ParticipantID? {
    let viewer = try context.viewer()
    if request.exchangeOwned {
      guard viewer == .exchange else { throw SettlementError.notOwner }
      return nil
    }
    if let owner = request.ownerID {
      guard viewer == .exchange || viewer == .participant(owner) else {
        throw SettlementError.notOwner
      }
      return owner
    }
    guard case .participant(let caller) = context.caller else {
      throw InvalidArgument(
        field: "owner_id", rule: "required",
        text: Text(
          vi: "dịch vụ phải nêu chủ tài khoản", en: "a service must say whose accounts it asks for")
      )
    }
    return caller.participantID
  }
}
