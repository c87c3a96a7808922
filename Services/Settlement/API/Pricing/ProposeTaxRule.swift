import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension TaxHandler {
  func proposeTaxRule(
    _ request: SettlementV1.ProposeTaxRuleRequest, _ context: CallContext
  ) async throws -> SettlementV1.ProposeTaxRuleResponse {
    let officer = try context.participant().participantID
    return try await transactor.mutate(request, context) { transaction in
      let table = TaxRuleTable(transaction.db)
      let rule = try TaxRule.propose(
        request.rule, version: try table.nextVersion(), by: officer)
      try table.insert(rule)
      try transaction.emit(AuditEvent("tax.proposed", rule))
      return SettlementV1.ProposeTaxRuleResponse(rule: SettlementV1.TaxRule(rule))
    }
  }
}
