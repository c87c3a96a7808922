import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore
import Stubs

/// Shows invoices and credit notes. One file for each RPC.
struct InvoiceHandler: InvoiceServiceHandler {
  let transactor: Transactor
  let partitions: Partitions

  /// - Throws: `SettlementError.invoiceNotFound`, for others' too.
  func visible(_ id: InvoiceID, _ context: CallContext) async throws -> Invoice {
    let viewer = try context.viewer()
    let invoice = try await transactor.database.read { try InvoiceTable($0).find(id) }
    guard let invoice, viewer.sees(invoice) else { throw partitions.unknown(.invoiceNotFound(id)) }
    return invoice
  }
}
