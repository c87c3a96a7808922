import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension CredentialHandler {
  func renewCredential(
    _ request: IdentityV1.RenewCredentialRequest, _ context: CallContext
  ) async throws -> IdentityV1.RenewCredentialResponse {
    guard let presented = context.peer.certificate else { throw AccessError.certificateRequired }
    let signingRequest = try CertificateSigningRequest.received(request.signingRequest)
    let issuance = identity.issuance
    return try await identity.transactor.mutate(request, context) { transaction in
      let old = try CredentialTable.get(serial: presented.serial, transaction.db)
      transaction.concerns("credential/\(old.id)")
      try old.requireRenewable(at: transaction.now)
      let issued = try issuance.issue(
        to: old.holder, key: signingRequest.publicKey,
        requestedSeconds: Int64(request.lifetimeSeconds), transaction)
      try transaction.emit(
        AuditEvent(
          kind: "credential.renewed", subjects: issued.credential.auditSubjects,
          payload: ["serial": issued.credential.serial, "renews": old.serial]))
      return IdentityV1.RenewCredentialResponse(
        certificateChain: issued.chain.map(\.der), notAfter: issued.credential.notAfter)
    }
  }
}
