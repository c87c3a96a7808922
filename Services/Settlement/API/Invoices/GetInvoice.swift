import Model
import RPC

extension InvoiceHandler {
  func getInvoice(
    _ request: SettlementV1.GetInvoiceRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetInvoiceResponse {
    SettlementV1.GetInvoiceResponse(
      invoice: SettlementV1.Invoice(try await visible(request.invoiceID, context)))
  }
}
