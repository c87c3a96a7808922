import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func withdrawConsent(
    _ request: IdentityV1.WithdrawConsentRequest, _ context: CallContext
  ) async throws -> IdentityV1.WithdrawConsentResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { [self] transaction in
      let consent = try decide(
        .withdrawn, on: request.consentID, because: request.reason, transaction
      ) { try $0.withdraw(at: transaction.now) }
      let epoch = try announce(
        .consent(consent.id), isBlocked: true, of: consent, transaction)
      return IdentityV1.WithdrawConsentResponse(
        consent: consent.wire(at: transaction.now, for: .participant(caller.participantID)),
        epoch: epoch)
    }
  }
}
