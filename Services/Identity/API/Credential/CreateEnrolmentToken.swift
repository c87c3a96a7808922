import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs
import Synchronization

extension CredentialHandler {
  func createEnrolmentToken(
    _ request: IdentityV1.CreateEnrolmentTokenRequest, _ context: CallContext
  ) async throws -> IdentityV1.CreateEnrolmentTokenResponse {
    context.disableCompression()
    let caller = try context.participant()
    // The secret leaves with the answer and is stored nowhere, so it is no part of what is replayed.
    let secret = Mutex("")
    var response = try await identity.transactor.mutate(request, context) { transaction in
      transaction.concerns("participant/\(request.participantID)")
      let participant = try ParticipantTable.get(request.participantID, transaction.db)
      try EnrolmentToken.requireIssuable(
        for: participant, by: caller.participantID, isRegistrar: caller.roles.contains(.registrar))
      let system = try SystemTable.findOrMake(
        request.systemName, of: participant.id, at: transaction.now, transaction.db)
      let holder = try CredentialHolder(
        name: .participant(participant.id, system), systemName: request.systemName,
        hosts: request.hosts)
      let issued = EnrolmentToken.issue(for: holder, at: transaction.now)
      try EnrolmentTokenTable.insert(issued.token, transaction.db)
      try transaction.emit(
        AuditEvent(
          kind: "enrolment_token.created",
          subjects: ["participant/\(participant.id)", "system/\(system)", context.caller.name],
          payload: ["token_id": issued.token.id.description, "system": request.systemName]))
      secret.withLock { $0 = issued.secret }
      return IdentityV1.CreateEnrolmentTokenResponse(
        expireTime: issued.token.expireTime, systemID: system)
    }
    if !response.replayed { response.token = secret.withLock { $0 } }
    return response
  }
}
