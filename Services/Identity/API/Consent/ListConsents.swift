import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ConsentHandler {
  func listConsents(
    _ request: IdentityV1.ListConsentsRequest, _ context: CallContext
  ) async throws -> IdentityV1.ListConsentsResponse {
    let viewer = try ConsentViewer(context)
    let query = try PageQuery(
      request,
      scope: [viewer.participantID, request.consumerID].map { $0?.description ?? "" })
    let found = try await identity.database.read { db in
      try ConsentTable.list(
        of: viewer.participantID, consumer: request.consumerID,
        after: query.after.flatMap { ConsentID(bytes: $0) }, limit: query.fetchCount, db)
    }
    let page = query.page(found) { $0.id.bytes }
    let now = identity.clock.now()
    return IdentityV1.ListConsentsResponse(
      consents: page.items.map { $0.wire(at: now, for: viewer) },
      nextPageToken: page.nextPageToken)
  }
}
