import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func listParticipants(
    _ request: IdentityV1.ListParticipantsRequest, _ context: CallContext
  ) async throws -> IdentityV1.ListParticipantsResponse {
    let state = request.state == .unspecified ? nil : request.state
    let query = try PageQuery(request, scope: [state?.protoName ?? ""])
    let found = try await identity.database.read { db in
      try ParticipantTable.list(
        after: query.after.flatMap { ParticipantID(bytes: $0) }, state: state,
        limit: query.fetchCount, db)
    }
    let page = query.page(found) { $0.id.bytes }
    return IdentityV1.ListParticipantsResponse(
      participants: page.items.map(\.wire), nextPageToken: page.nextPageToken)
  }
}
