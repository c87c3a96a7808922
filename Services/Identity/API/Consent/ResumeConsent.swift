import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func resumeConsent(
    _ request: IdentityV1.ResumeConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.ResumeConsentResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { [self] transaction in
      let consent = try decide(
        .resumed, on: request.consentID, transaction
      ) { try $0.resume(at: transaction.now) }
      let epoch = try announce(
        .consentPause(consent.id), isBlocked: false, of: consent, transaction)
      return IdentityV1.ResumeConsentResponse(
        consent: consent.wire(at: transaction.now, for: .participant(caller.participantID)),
        epoch: epoch)
    }
  }
}
