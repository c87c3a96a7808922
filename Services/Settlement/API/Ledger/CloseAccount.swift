import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  func closeAccount(
    _ request: SettlementV1.CloseAccountRequest, _ context: CallContext
  ) async throws -> SettlementV1.CloseAccountResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let isAwaited = try AccountTable(transaction.db).isAwaited(request.accountID)
      let account = try change(request.accountID, transaction) { account throws(AccountRefusal) in
        try account.close(isAwaited: isAwaited)
      }
      try transaction.emit(AuditEvent("account.closed", account, because: request.reason))
      return SettlementV1.CloseAccountResponse(account: SettlementV1.Account(account))
    }
  }
}
