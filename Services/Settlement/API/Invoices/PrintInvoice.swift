import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension InvoiceHandler {
  func printInvoice(
    _ request: SettlementV1.PrintInvoiceRequest, _ context: CallContext
  ) async throws -> SettlementV1.PrintInvoiceResponse {
    let invoice = try await visible(request.invoiceID, context)
    let rule = try await transactor.database.read { db in
      try invoice.tax.ruleVersion.flatMap { try TaxRuleTable(db).find($0) }
    }
    let text = invoice.text(context.language, taxedBy: rule?.legalSource ?? "")
    return SettlementV1.PrintInvoiceResponse(content: Array(text.utf8))
  }
}
