import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func reinstateParticipant(
    _ request: IdentityV1.ReinstateParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.ReinstateParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "reinstated", payload: ["reason": request.reason], effect: .unblock)
      let participant = try transition.apply(to: request.participantID, transaction) {
        participant, _ in
        try participant.reinstate(reason: request.reason, at: transaction.now)
      }
      return IdentityV1.ReinstateParticipantResponse(participant: participant)
    }
  }
}
