import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func revokeCredential(
    _ request: IdentityV1.RevokeCredentialRequest, _ context: CallContext
  ) async throws -> IdentityV1.RevokeCredentialResponse {
    let caller = try context.participant()
    return try await identity.transactor.mutate(request, context) { transaction in
      transaction.concerns("credential/\(request.credentialID)")
      var credential = try CredentialTable.get(request.credentialID, transaction.db)
      guard
        caller.roles.contains(.securityOfficer)
          || credential.holder.participantID == caller.participantID
      else { throw IdentityError.notYourParticipant }
      try credential.revoke(reason: request.reason, at: transaction.now)
      try CredentialTable.update(credential, transaction.db)
      let epoch = try RevocationTable.append(
        .credential(serial: credential.serial), isBlocked: true, at: transaction.now,
        transaction.db)
      try transaction.emit(
        AuditEvent(
          kind: "credential.revoked", subjects: credential.auditSubjects,
          payload: [
            "serial": credential.serial, "reason": request.reason, "epoch": String(epoch),
            "by": context.caller.name,
          ]))
      return IdentityV1.RevokeCredentialResponse(
        credential: credential.wire(at: transaction.now), epoch: epoch)
    }
  }
}

extension IssuedCredential {
  func wire(at now: Timestamp) -> IdentityV1.Credential {
    IdentityV1.Credential(
      id: id, participantID: holder.participantID, systemID: holder.systemID,
      systemName: holder.systemName, serial: serial, fingerprint: fingerprint,
      state: state(at: now), notBefore: notBefore, notAfter: notAfter)
  }
}
