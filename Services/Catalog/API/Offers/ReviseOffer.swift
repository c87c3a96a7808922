import CatalogDomain
import CatalogStore
import Model
import RPC
import ServiceRuntime

extension OfferHandler {
  func reviseOffer(
    _ request: CatalogV1.ReviseOfferRequest, _ context: CallContext
  ) async throws -> CatalogV1.ReviseOfferResponse {
    let viewer = try Viewer(context)
    return try await transactor.mutate(request, context) { transaction in
      let (offer, _) = try own(request.offerID, viewer, transaction)
      let revised = try offer.revised(request.terms, etag: request.etag, at: transaction.now)
      try OfferTable(transaction.db).revise(revised)
      try transaction.emit(AuditEvent("offer.revised", revised))
      return CatalogV1.ReviseOfferResponse(
        offer: try CatalogV1.Offer(revised, transaction.db, at: transaction.now))
    }
  }
}
