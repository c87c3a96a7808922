import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func rejectParticipant(
    _ request: IdentityV1.RejectParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.RejectParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(event: "rejected", payload: ["reason": request.reason])
      let participant = try transition.apply(to: request.participantID, transaction) {
        participant, _ in
        try participant.reject(reason: request.reason, at: transaction.now)
      }
      return IdentityV1.RejectParticipantResponse(participant: participant)
    }
  }
}
