import Crypto
import Foundation
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime

/// How identity certifies itself as a service.
struct OwnCertificate: Sendable {
  let context: TrustContext
  let key: DatabaseKey
  private let transactor: Transactor

  init(context: TrustContext, key: DatabaseKey) {
    self.context = context
    self.key = key
    transactor = Transactor(database: context.database, clock: context.clock)
  }

  /// Throws one line when there is no authority yet.
  func authorities() async throws -> Authorities {
    let now = context.clock.now()
    let authorities = try await context.database.read {
      try Authorities.load($0, key: key, at: now)
    }
    guard !authorities.roots.isEmpty, !authorities.issuers.isEmpty else {
      throw StartupError(
        .missingInput,
        "\(context.database.path) holds no valid authority: run `identity bootstrap` or `identity ca issue`"
      )
    }
    return authorities
  }

  func issue(for publicKey: PublicKey) async throws -> [Certificate] {
    let configuration = context.configuration
    let issuance = CertificateIssuance(
      authorities: try await authorities(), trustDomain: configuration.trustDomain)
    let hosts = (configuration.string("hosts") ?? "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let holder: CredentialHolder
    do {
      holder = try CredentialHolder(
        name: .service("identity"), systemName: "identity", hosts: hosts)
    } catch {
      throw StartupError(.configuration, "hosts must be DNS names and addresses joined by commas")
    }
    let own = CallContext.own(service: "identity", work: "OwnCertificate")
    return try await transactor.write(own) { transaction in
      let issued = try issuance.issue(
        to: holder, key: publicKey, requestedSeconds: 0, transaction)
      try transaction.emit(
        AuditEvent(
          kind: "credential.enrolled", subjects: issued.credential.auditSubjects,
          payload: ["serial": issued.credential.serial]))
      return issued.chain
    }
  }
}
