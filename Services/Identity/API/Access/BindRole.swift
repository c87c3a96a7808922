import IdentityDomain
import Model
import RPC
import ServiceRuntime
import Stubs

extension AccessHandler {
  func bindRole(
    _ request: IdentityV1.BindRoleRequest, _ context: CallContext
  ) async throws -> IdentityV1.BindRoleResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let transition = ParticipantTransition(
        event: "role_bound", payload: ["role": request.role.protoName ?? ""])
      let participant = try transition.apply(to: request.participantID, transaction) {
        try $0.bind(request.role, by: $1.participantID, at: transaction.now)
      }
      return IdentityV1.BindRoleResponse(participant: participant)
    }
  }
}
