import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension LedgerHandler {
  func unfreezeAccount(
    _ request: SettlementV1.UnfreezeAccountRequest, _ context: CallContext
  ) async throws -> SettlementV1.UnfreezeAccountResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let account = try change(request.accountID, transaction) { account throws(AccountRefusal) in
        try account.unfreeze()
      }
      try transaction.emit(AuditEvent("account.unfrozen", account, because: request.reason))
      return SettlementV1.UnfreezeAccountResponse(account: SettlementV1.Account(account))
    }
  }
}
