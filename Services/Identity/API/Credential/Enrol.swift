import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func enrol(
    _ request: IdentityV1.EnrolRequest, _ context: CallContext
  ) async throws -> IdentityV1.EnrolResponse {
    try identity.attempts.count(context, at: identity.clock.now())
    let signingRequest = try CertificateSigningRequest.received(request.signingRequest)
    let issuance = identity.issuance
    return try await identity.transactor.mutate(request, context) { transaction in
      var token = try EnrolmentTokenTable.get(
        secretDigest: EnrolmentToken.digest(of: request.token), transaction.db)
      transaction.concerns("enrolment-token/\(token.id)")
      if let participant = token.holder.participantID {
        transaction.concerns("participant/\(participant)")
      }
      try token.use(at: transaction.now)
      try EnrolmentTokenTable.use(token, transaction.db)
      let issued = try issuance.issue(
        to: token.holder, key: signingRequest.publicKey,
        requestedSeconds: Int64(request.lifetimeSeconds), transaction)
      let credential = issued.credential
      try transaction.emit(
        AuditEvent(
          kind: "credential.enrolled", subjects: credential.auditSubjects,
          payload: [
            "serial": credential.serial, "not_after": credential.notAfter.description,
            "token_id": token.id.description,
          ]))
      return IdentityV1.EnrolResponse(
        certificateChain: issued.chain.map(\.der),
        spiffeID: SPIFFEID(trustDomain: issuance.trustDomain, name: credential.holder.name)
          .description, notAfter: credential.notAfter)
    }
  }
}
