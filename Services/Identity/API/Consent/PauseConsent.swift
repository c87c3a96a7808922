import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func pauseConsent(
    _ request: IdentityV1.PauseConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.PauseConsentResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { [self] transaction in
      let consent = try decide(
        .paused, on: request.consentID, because: request.reason, transaction
      ) { try $0.pause(at: transaction.now) }
      let epoch = try announce(
        .consentPause(consent.id), isBlocked: true, of: consent, transaction)
      return IdentityV1.PauseConsentResponse(
        consent: consent.wire(at: transaction.now, for: .participant(caller.participantID)),
        epoch: epoch)
    }
  }
}
