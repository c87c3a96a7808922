import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension AccessHandler {
  func unbindRole(
    _ request: IdentityV1.UnbindRoleRequest, _ context: CallContext
  ) async throws -> IdentityV1.UnbindRoleResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "role_unbound", payload: ["role": request.role.protoName ?? ""], effect: .endTokens)
      let participant = try transition.apply(to: request.participantID, transaction) {
        try $0.unbind(request.role, by: $1.participantID, at: transaction.now)
      }
      return IdentityV1.UnbindRoleResponse(participant: participant)
    }
  }
}
