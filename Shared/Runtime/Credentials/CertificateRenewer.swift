package import Crypto
package import Logging
package import Model
package import RPC
import ServiceLifecycle
import Stubs

/// Keeps the certificate in use current, without a restart: renews it at half of its life, give or take 5 %, with a
/// fresh key each time, and takes over files that an operator has replaced, once key, chain and roots fit together.
/// Until they do, what was in use stays in use.
package struct CertificateRenewer: Service {
  /// A new chain for a new key, and the roots to trust from then on.
  package typealias Renew = @Sendable (P256PrivateKey) async throws -> Credential

  /// How soon replaced files are noticed.
  private static let watchInterval = Duration.seconds(2)

  private let first: Credential
  private let files: CredentialFiles
  private let tls: TLSContextStore
  private let clock: WallClock
  private let logger: Logger
  private let watchInterval: Duration
  private let renew: Renew

  package init(
    first: Credential, files: CredentialFiles, tls: TLSContextStore, clock: WallClock,
    logger: Logger, watchInterval: Duration = watchInterval, renew: @escaping Renew
  ) {
    self.first = first
    self.files = files
    self.tls = tls
    self.clock = clock
    self.logger = logger
    self.watchInterval = watchInterval
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
      var version = files.version
      while true {
        let spread = Double.random(in: 0.45...0.55)
        if let replacement = try await replacement(of: current, &version, within: spread) {
          current = replacement
        } else {
          current = try await renewed()
          version = files.version
        }
      }
    }
  }

  /// What an operator puts in place of the credential before it is due for renewal; nil when it is due.
  private func replacement(
    of current: Credential, _ version: inout CredentialFiles.Version?, within spread: Double
  ) async throws -> Credential? {
    while true {
      let pause = Self.pause(current.leaf, at: clock.now(), spread: spread)
      guard pause > .zero else { return nil }
      try await Task.sleep(for: min(pause, watchInterval))
      let found = files.version
      guard found != version else { continue }
      version = found
      if let replacement = takeOver(insteadOf: current) { return replacement }
    }
  }

  private func takeOver(insteadOf current: Credential) -> Credential? {
    do {
      guard let stored = try files.load() else {
        throw StartupError(.badData, "a file is missing")
      }
      if stored.chain == current.chain, stored.anchors == current.anchors { return nil }
      let isUsable = stored.isUsable(at: clock.now()) { "\($0)" == first.leaf.spiffeID }
      guard isUsable else {
        throw StartupError(
          .badData, "the certificate is another's, has expired or is not under one of the roots")
      }
      try tls.reload(try stored.tls())
      logger.notice(
        "certificate files taken over", metadata: ["not_after": "\(stored.leaf.notAfter)"])
      return stored
    } catch {
      logger.warning(
        "certificate files have changed and cannot be used", metadata: ["cause": "\(error)"])
      return nil
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
