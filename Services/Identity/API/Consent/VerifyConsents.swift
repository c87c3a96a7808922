import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func verifyConsents(
    _ request: IdentityV1.VerifyConsentsRequest, _ context: CallContext
  ) async throws -> IdentityV1.VerifyConsentsResponse {
    let viewer = try ConsentViewer(context)
    let now = identity.clock.now()
    let verified = try await identity.database.read { db in
      try request.consentIDs.compactMap { id -> IdentityV1.VerifiedConsent? in
        guard let consent = try ConsentTable.find(id, db), viewer.sees(consent) else { return nil }
        let uses = try ConsentEventTable.uses(
          of: id, since: consent.periodStart(at: now), otherThan: request.orderID, db)
        let isOwn =
          try request.orderID.map { try ConsentEventTable.isUsed(id, by: $0, db) } ?? false
        return IdentityV1.VerifiedConsent(
          consent: consent.wire(at: now, for: viewer), signatureValid: consent.isSignatureValid,
          usedUp: !isOwn && consent.isUsedUp(by: uses))
      }
    }
    return IdentityV1.VerifyConsentsResponse(consents: verified)
  }
}
