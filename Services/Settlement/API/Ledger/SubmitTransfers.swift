import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension LedgerHandler {
  /// The whole batch is one part of one commit: its items are recorded or refused together with it.
  func submitTransfers(
    _ request: SettlementV1.SubmitTransfersRequest, _ context: CallContext
  ) async throws -> SettlementV1.SubmitTransfersResponse {
    let (results, time) = try await transactor.write(context) { transaction in
      (try LedgerWriter.submit(request.transfers, transaction), transaction.now)
    }
    return SettlementV1.SubmitTransfersResponse(
      results: results.map { SettlementV1.TransferResult($0) }, commitTime: time)
  }
}
