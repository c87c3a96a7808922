import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func giveConsent(
    _ request: IdentityV1.GiveConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.GiveConsentResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { [self] transaction in
      let consent = try decide(.given, on: request.consentID, transaction) { consent in
        try consent.give(
          ConsentSignature(certificate: request.certificate, bytes: request.signature),
          connectedBy: caller.certificateFingerprint, at: transaction.now)
      }
      return IdentityV1.GiveConsentResponse(
        consent: consent.wire(at: transaction.now, for: .participant(caller.participantID)))
    }
  }
}
