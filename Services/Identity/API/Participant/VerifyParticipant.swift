import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func verifyParticipant(
    _ request: IdentityV1.VerifyParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.VerifyParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "verified", payload: ["evidence": request.evidence])
      let participant = try transition.apply(to: request.participantID, transaction) {
        try $0.verify(by: $1.participantID, evidence: request.evidence, at: transaction.now)
      }
      return IdentityV1.VerifyParticipantResponse(participant: participant)
    }
  }
}
