import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  private static let eventCount = 100

  func getConsent(
    _ request: IdentityV1.GetConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetConsentResponse {
    let viewer = try ConsentViewer(context)
    let now = identity.clock.now()
    return try await identity.database.read { db in
      let consent = try ConsentTable.get(request.consentID, db)
      guard viewer.sees(consent) else { throw IdentityError.consent(.notFound) }
      return IdentityV1.GetConsentResponse(
        consent: consent.wire(at: now, for: viewer),
        events: try ConsentEventTable.list(of: consent.id, limit: Self.eventCount, db))
    }
  }
}
