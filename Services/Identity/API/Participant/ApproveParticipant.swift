import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func approveParticipant(
    _ request: IdentityV1.ApproveParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.ApproveParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(event: "approved")
      let participant = try transition.apply(to: request.participantID, transaction) {
        try $0.approve(by: $1.participantID, at: transaction.now)
      }
      return IdentityV1.ApproveParticipantResponse(participant: participant)
    }
  }
}
