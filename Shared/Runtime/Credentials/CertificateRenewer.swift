package import Crypto
package import Logging
package import Model
package import RPC
import ServiceLifecycle
import Stubs

/// Renews the service's certificate at half of its life, give or take 5 %, with a fresh key each
/// time, and puts it into use without a restart.
package struct CertificateRenewer: Service {
  /// A new chain for a new key, and the roots to trust from then on.
  package typealias Renew = @Sendable (P256PrivateKey) async throws -> Credential

  private let first: Credential
  private let files: CredentialFiles
  private let tls: TLSContextStore
  private let clock: WallClock
  private let logger: Logger
  private let renew: Renew

  package init(
    first: Credential, files: CredentialFiles, tls: TLSContextStore, clock: WallClock,
    logger: Logger, renew: @escaping Renew
  ) {
    self.first = first
    self.files = files
    self.tls = tls
    self.clock = clock
    self.logger = logger
    self.renew = renew
  }

  /// Renewal by identity, over the certificate that is in use.
  package static func identity(_ channel: RPCChannel, lifetimeSeconds: Int32 = 0) -> Renew {
    let client = CredentialServiceClient(channel)
    return { key in
      let response = try await client.renewCredential(
        IdentityV1.RenewCredentialRequest(
          requestID: RequestID.make(at: WallClock.system.now()),
          signingRequest: try CertificateSigningRequest(key: key).der,
          lifetimeSeconds: lifetimeSeconds))
      let bundle = try await client.getTrustBundle(IdentityV1.GetTrustBundleRequest())
      return try Credential(
        key: key, chain: response.certificateChain.map { try Certificate(der: $0) },
        anchors: bundle.roots.map { try Certificate(der: $0) })
    }
  }

  package func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var current = first
      while true {
        try await Task.sleep(
          for: Self.pause(current.leaf, at: clock.now(), spread: .random(in: 0.45...0.55)))
        current = try await renewed()
      }
    }
  }

  /// Until `spread` of the certificate's life is over.
  static func pause(_ leaf: Certificate, at now: Timestamp, spread: Double) -> Duration {
    let life = leaf.notAfter.microseconds - leaf.notBefore.microseconds
    let due = leaf.notBefore.adding(microseconds: Int64(Double(life) * spread))
    return .microseconds(max(0, due.microseconds - now.microseconds))
  }

  private func renewed() async throws -> Credential {
    var backoff = Backoff(first: .seconds(1), limit: .seconds(30))
    while true {
      do {
        let credential = try await renew(try P256PrivateKey.generate())
        try files.store(credential)
        try tls.reload(try credential.tls())
        logger.info("certificate renewed", metadata: ["not_after": "\(credential.leaf.notAfter)"])
        return credential
      } catch {
        try Task.checkCancellation()
        logger.warning("cannot renew the certificate", metadata: ["cause": "\(error)"])
        try await backoff.wait()
      }
    }
  }
}
