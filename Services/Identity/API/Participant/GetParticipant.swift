import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func getParticipant(
    _ request: IdentityV1.GetParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.GetParticipantResponse {
    let participant = try await identity.database.read { db in
      try ParticipantTable.get(request.participantID, db)
    }
    return IdentityV1.GetParticipantResponse(participant: participant.wire)
  }
}
