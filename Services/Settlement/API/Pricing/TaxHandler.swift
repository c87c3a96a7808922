import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Keeps the table of tax rules.
struct TaxHandler: TaxServiceHandler {
  let transactor: Transactor

  func listTaxRules(
    _ request: SettlementV1.ListTaxRulesRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListTaxRulesResponse {
    let page = try PageQuery(request, scope: [])
    let fetched = try await transactor.database.read {
      try TaxRuleTable($0).list(after: Int32(clamping: page.afterNumber), limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key(Int64($0.version)) }
    return SettlementV1.ListTaxRulesResponse(
      rules: items.map { SettlementV1.TaxRule($0) }, nextPageToken: token)
  }
}
