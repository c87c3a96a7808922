import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  /// All consents are used or none. What the order has used already stays used, whatever became of it since.
  func consumeConsents(
    _ request: IdentityV1.ConsumeConsentsRequest, _ context: CallContext
  ) async throws -> IdentityV1.ConsumeConsentsResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let (db, now, order) = (transaction.db, transaction.now, request.orderID)
      transaction.concerns("order/\(order)")
      let consents = try request.consentIDs.map { id in
        transaction.concerns("consent/\(id)")
        let consent = try ConsentTable.get(id, db)
        guard try !ConsentEventTable.isUsed(id, by: order, db) else { return consent }
        let uses = try ConsentEventTable.uses(
          of: id, since: consent.periodStart(at: now), otherThan: order, db)
        try consent.requireUsable(after: uses, at: now)
        try ConsentEventTable.append(.used, to: consent, order: order, at: now, db)
        try transaction.emit(AuditEvent(.used, consent, order: order))
        return consent
      }
      return IdentityV1.ConsumeConsentsResponse(
        consents: consents.map { $0.wire(at: now, for: .exchange) })
    }
  }
}
