import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension LedgerHandler {
  func setNetDebitCap(
    _ request: SettlementV1.SetNetDebitCapRequest, _ context: CallContext
  ) async throws -> SettlementV1.SetNetDebitCapResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let account = try change(request.accountID, transaction) { account throws(AccountRefusal) in
        try account.setNetDebitCap(request.netDebitCap)
      }
      try transaction.emit(AuditEvent("account.capped", account, because: request.reason))
      return SettlementV1.SetNetDebitCapResponse(account: SettlementV1.Account(account))
    }
  }
}
