import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func suspendParticipant(
    _ request: IdentityV1.SuspendParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.SuspendParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "suspended", payload: ["reason": request.reason], effect: .block)
      let participant = try transition.apply(to: request.participantID, transaction) {
        participant, _ in
        try participant.suspend(reason: request.reason, at: transaction.now)
      }
      return IdentityV1.SuspendParticipantResponse(participant: participant)
    }
  }
}
