import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension OfferHandler {
  func closeOffer(
    _ request: CatalogV1.CloseOfferRequest, _ context: CallContext
  ) async throws -> CatalogV1.CloseOfferResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let (offer, _) = try own(request.offerID, viewer, transaction)
      let closed = try offer.closed(at: transaction.now)
      try OfferTable(transaction.db).update(closed)
      try transaction.emit(AuditEvent("offer.closed", closed))
      return CatalogV1.CloseOfferResponse(
        offer: try CatalogV1.Offer(closed, transaction.db, at: transaction.now))
    }
  }
}
