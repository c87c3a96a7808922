import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime

/// Issues certificates within a transaction: the only place that does.
struct CertificateIssuance: Sendable {
  let authorities: Authorities
  let trustDomain: String

  struct Issued: Sendable {
    /// Leaf first, without the root.
    let chain: [Certificate]
    let credential: IssuedCredential
  }

  /// A certificate for `holder` and `key`, recorded as a credential.
  ///
  /// - Parameter requestedSeconds: 0 for the default lifetime.
  /// - Throws: `participantNotActive`, `lifetimeOutOfRange`, `noIssuer`.
  func issue(
    to holder: CredentialHolder, key: PublicKey, requestedSeconds: Int64,
    _ transaction: Transaction
  ) throws -> Issued {
    let now = transaction.now
    if let participant = holder.participantID {
      try ParticipantTable.get(participant, transaction.db).requireActive()
    }
    let validity = try CertificateValidity(
      requestedSeconds: requestedSeconds, at: now,
      cutoff: try RevocationTable.cutoff(of: holder, transaction.db))
    let issuer = try authorities.issuer(at: now)
    let leaf = try issuer.issueLeaf(
      publicKey: key,
      spiffeID: SPIFFEID(trustDomain: trustDomain, name: holder.name).description,
      hosts: holder.hosts, notBefore: validity.notBefore, notAfter: validity.notAfter)
    let credential = IssuedCredential(
      id: .make(at: now), holder: holder, serial: leaf.serial, fingerprint: leaf.fingerprint,
      notBefore: leaf.notBefore, notAfter: leaf.notAfter)
    try CredentialTable.insert(credential, transaction.db)
    return Issued(chain: [leaf, issuer.certificate], credential: credential)
  }
}

extension IssuedCredential {
  /// What audit events about it are found by.
  var auditSubjects: [String] {
    var subjects = ["credential/\(id)"]
    switch holder.name {
    case .participant(let participant, let system):
      subjects += ["participant/\(participant)", "system/\(system)"]
    case .service(let name): subjects.append("service/\(name)")
    }
    return subjects
  }
}
