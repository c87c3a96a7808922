import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func lookupTransfers(
    _ request: SettlementV1.LookupTransfersRequest, _ context: CallContext
  ) async throws -> SettlementV1.LookupTransfersResponse {
    let viewer = try context.viewer()
    try ledger.partitions.require(viewer)
    let entries = try await transactor.database.read { db in
      try request.transferIDs.compactMap { id -> LedgerEntry? in
        guard let entry = try TransferTable(db).entry(id) else { return nil }
        let parties = [entry.transfer.debitAccountID, entry.transfer.creditAccountID]
        let isVisible = try parties.contains { party in
          try party.flatMap { try AccountTable(db).find($0) }.map { viewer.sees($0.account) }
            ?? false
        }
        return isVisible ? entry : nil
      }
    }
    return SettlementV1.LookupTransfersResponse(
      transfers: entries.map { SettlementV1.Transfer($0) })
  }
}
