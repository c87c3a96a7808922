import Crypto
import Foundation
package import Logging
package import Model
import RPC
import Stubs

/// Gets the service its credential at start: the stored one while it is valid, else a new one from
/// identity in exchange for the enrolment token.
package struct Enroller: Sendable {
  private let configuration: ServiceConfiguration
  private let isParticipant: Bool
  private let files: CredentialFiles
  private let clock: WallClock
  private let logger: Logger

  /// - Parameter isParticipant: whether the certificate is a participant's, not the service's own.
  package init(
    configuration: ServiceConfiguration, isParticipant: Bool = false, clock: WallClock,
    logger: Logger
  ) {
    self.configuration = configuration
    self.isParticipant = isParticipant
    self.clock = clock
    self.logger = logger
    files = CredentialFiles(directory: configuration.dataDirectory)
  }

  private func isExpected(_ id: SPIFFEID) -> Bool {
    guard id.trustDomain == configuration.trustDomain else { return false }
    return switch id.name {
    case .service(let name): !isParticipant && name == configuration.service
    case .participant: isParticipant
    }
  }

  /// - Throws: one line when there is no valid credential and none can be had.
  package func credential() async throws(StartupError) -> Credential {
    if let stored = try files.load(), stored.isUsable(at: clock.now(), as: isExpected) {
      return stored
    }
    guard let tokenFile = configuration.string("enrolment-token-file") else {
      throw StartupError(
        .missingInput,
        "\(configuration.dataDirectory) holds no valid certificate and no enrolment-token-file is configured"
      )
    }
    let token = try readToken(tokenFile)
    let enrolled = try await enrol(token, key: try files.enrolmentKey())
    guard enrolled.isUsable(at: clock.now(), as: isExpected) else {
      throw StartupError(
        .badData, "identity issued a certificate for another name or under another root")
    }
    try files.store(enrolled)
    logger.info("enrolled", metadata: ["not_after": "\(enrolled.leaf.notAfter)"])
    return enrolled
  }

  /// Whoever reads the token first can enrol with it, so that its file is one for keys.
  private func readToken(_ path: String) throws(StartupError) -> String {
    guard access(path, F_OK) == 0 else {
      throw StartupError(.missingInput, "cannot read the enrolment token \(path)")
    }
    do {
      return try KeyFile.readText(path).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.missingInput, "cannot read the enrolment token \(path)")
    }
  }

  private func trust() throws(StartupError) -> TLSCredentials.Trust {
    if let text = configuration.string("ca-fingerprint") {
      let hex = text.replacing(":", with: "").lowercased()
      guard let fingerprint = Digest(hex: hex) else {
        throw StartupError(.configuration, "ca-fingerprint must be 64 hexadecimal digits")
      }
      return .pinnedRoot(fingerprint: fingerprint)
    }
    guard let path = configuration.string("trust-bundle-file") else {
      throw StartupError(.configuration, "ca-fingerprint or trust-bundle-file is needed to enrol")
    }
    guard let pem = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw StartupError(.missingInput, "cannot read the trust bundle \(path)")
    }
    return .anchors(pem: pem)
  }

  private func enrol(_ token: String, key: P256PrivateKey) async throws(StartupError) -> Credential
  {
    let address = try configuration.address(of: "enrolment")
    let patience = Duration.seconds(try configuration.integer("enrolment-seconds", in: 1...3_600))
    let trust = try trust()
    let lifetime = try configuration.certificateSeconds()
    do {
      let channel = RPCChannel(
        target: address.description,
        tls: try TLSContextStore(TLSCredentials(identity: nil, trust: trust)),
        expecting: .service("identity", trustDomain: configuration.trustDomain), logger: logger)
      let result = await Result<Credential, any Error>.of {
        try await enrol(token, key, lifetime, over: channel, for: patience)
      }
      await channel.close()
      return try result.get()
    } catch {
      throw StartupError(.unavailable, "cannot enrol with identity at \(address): \(error)")
    }
  }

  /// Tries again while identity does not answer; a refusal is final.
  private func enrol(
    _ token: String, _ key: P256PrivateKey, _ lifetimeSeconds: Int32, over channel: RPCChannel,
    for patience: Duration
  ) async throws -> Credential {
    let client = CredentialServiceClient(channel)
    let request = IdentityV1.EnrolRequest(
      requestID: Self.requestID(token, key), token: token,
      signingRequest: try CertificateSigningRequest(key: key).der, lifetimeSeconds: lifetimeSeconds)
    let end = ContinuousClock.now.advanced(by: patience)
    var backoff = Backoff()
    while true {
      do {
        let response = try await client.enrol(request, CallOptions(timeout: .seconds(10)))
        let bundle = try await client.getTrustBundle(IdentityV1.GetTrustBundleRequest())
        return try Credential(
          key: key, chain: response.certificateChain.map { try Certificate(der: $0) },
          anchors: bundle.roots.map { try Certificate(der: $0) })
      } catch let status as RPCStatus
        where [.unavailable, .deadlineExceeded].contains(status.code) && ContinuousClock.now < end
      {
        try await backoff.wait()
      }
    }
  }

  /// The same token and key give the same id, so that enrolment can be repeated after a crash.
  private static func requestID(_ token: String, _ key: P256PrivateKey) -> RequestID {
    let digest = Digest.sha256(of: Array(token.utf8) + key.publicKey.subjectPublicKeyInfo)
    return digest.withBytes { bytes in
      RequestID(
        high: bytes.loadUnaligned(as: UInt64.self),
        low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }
}
