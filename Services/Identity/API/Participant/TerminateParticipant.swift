import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func terminateParticipant(
    _ request: IdentityV1.TerminateParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.TerminateParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "terminated", payload: ["reason": request.reason], effect: .block)
      let participant = try transition.apply(to: request.participantID, transaction) {
        participant, _ in
        try participant.terminate(reason: request.reason, at: transaction.now)
      }
      return IdentityV1.TerminateParticipantResponse(participant: participant)
    }
  }
}
