import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func listCredentials(
    _ request: IdentityV1.ListCredentialsRequest, _ context: CallContext
  ) async throws -> IdentityV1.ListCredentialsResponse {
    let caller = try context.participant()
    let owner = request.participantID ?? caller.participantID
    guard owner == caller.participantID || !caller.roles.isDisjoint(with: RoleRules.staff) else {
      throw IdentityError.notYourParticipant
    }
    let query = try PageQuery(request, scope: [owner.description])
    let found = try await identity.database.read { db in
      try CredentialTable.list(
        of: owner, before: query.after.flatMap { CredentialID(bytes: $0) },
        limit: query.fetchCount, db)
    }
    let page = query.page(found) { $0.id.bytes }
    let now = identity.clock.now()
    return IdentityV1.ListCredentialsResponse(
      credentials: page.items.map { $0.wire(at: now) }, nextPageToken: page.nextPageToken)
  }
}
