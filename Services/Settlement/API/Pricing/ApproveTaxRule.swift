import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension TaxHandler {
  func approveTaxRule(
    _ request: SettlementV1.ApproveTaxRuleRequest, _ context: CallContext
  ) async throws -> SettlementV1.ApproveTaxRuleResponse {
    let officer = try context.participant().participantID
    return try await transactor.mutate(request, context) { transaction in
      transaction.concerns("tax/\(request.version)")
      let table = TaxRuleTable(transaction.db)
      guard var rule = try table.find(request.version) else {
        throw SettlementError.tax(.unknownVersion)
      }
      try rule.approve(by: officer, at: transaction.now)
      try table.approve(rule)
      try transaction.emit(AuditEvent("tax.approved", rule))
      return SettlementV1.ApproveTaxRuleResponse(rule: SettlementV1.TaxRule(rule))
    }
  }
}
