import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension LedgerHandler {
  func freezeAccount(
    _ request: SettlementV1.FreezeAccountRequest, _ context: CallContext
  ) async throws -> SettlementV1.FreezeAccountResponse {
    try await transactor.mutate(request, context) { [self] transaction in
      let account = try change(request.accountID, transaction) { account throws(AccountRefusal) in
        try account.freeze()
      }
      try transaction.emit(AuditEvent("account.frozen", account, because: request.reason))
      return SettlementV1.FreezeAccountResponse(account: SettlementV1.Account(account))
    }
  }
}
