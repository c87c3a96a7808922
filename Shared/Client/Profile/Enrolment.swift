import Crypto
package import Model
import RPC
import Stubs

/// Turns an enrolment token into a profile.
package struct Enrolment: Sendable {
  /// The token as it was handed over.
  package let token: String
  /// Who to trust and where to enrol.
  package let exchange: ExchangeDescription
  /// Lifetime wished for; nil leaves it to identity (one hour).
  package let lifetimeSeconds: Int32?
  private let language: Language
  private let clock: WallClock

  package init(
    token: String, exchange: ExchangeDescription, lifetimeSeconds: Int32? = nil,
    language: Language = .vi, clock: WallClock = .system
  ) {
    self.token = token
    self.exchange = exchange
    self.lifetimeSeconds = lifetimeSeconds
    self.language = language
    self.clock = clock
  }

  /// Makes a key, has it certified and writes the profile to `directory`.
  ///
  /// The server must show a chain to the root with the exchange's fingerprint before anything is
  /// sent, and what it issues must chain to the same root. Throws `RPCStatus` when identity refuses,
  /// `ClientError` when something does not verify.
  package func enrol(into directory: String) async throws -> Profile {
    guard let fingerprint = Digest(hex: exchange.fingerprint) else {
      throw ClientError.verification(
        .certificate(reason: "the fingerprint must be 64 hexadecimal digits"))
    }
    let key = try P256PrivateKey.generate()
    let channel = RPCChannel(
      target: exchange.endpoints.enrolment,
      tls: try TLSContextStore(
        TLSCredentials(identity: nil, trust: .pinnedRoot(fingerprint: fingerprint))),
      expecting: .service("identity", trustDomain: exchange.trustDomain),
      credentials: LanguageCredentials(language: language))
    do {
      let profile = try await enrol(
        key, CredentialServiceClient(channel), fingerprint: fingerprint, into: directory)
      await channel.close()
      try profile.save()
      return profile
    } catch {
      await channel.close()
      throw error
    }
  }

  private func enrol(
    _ key: P256PrivateKey, _ credentials: CredentialServiceClient, fingerprint: Digest,
    into directory: String
  ) async throws -> Profile {
    let bundle = try await credentials.getTrustBundle(IdentityV1.GetTrustBundleRequest())
    let roots = try bundle.roots.map { try Certificate(der: $0) }
    guard roots.contains(where: { $0.fingerprint == fingerprint }) else {
      throw ClientError.verification(
        .certificate(reason: "the root with the pinned fingerprint is not among those published"))
    }
    let response = try await credentials.enrol(
      IdentityV1.EnrolRequest(
        requestID: .make(at: clock.now()), token: token,
        signingRequest: try CertificateSigningRequest(key: key).der,
        lifetimeSeconds: lifetimeSeconds ?? 0))
    let chain = try IssuedChain.verify(
      response.certificateChain, for: key, anchors: roots, at: clock.now())
    guard let text = chain[0].spiffeID, let name = SPIFFEID(text),
      name.trustDomain == exchange.trustDomain,
      case .participant(let participant, let system) = name.name
    else {
      throw ClientError.verification(
        .certificate(reason: "it does not name a participant of \(exchange.trustDomain)"))
    }
    return try Profile(
      directory: directory,
      details: Profile.Details(
        participantID: participant, systemID: system, exchange: exchange),
      key: key, chain: chain, anchors: roots)
  }
}

/// What identity issued, checked before it is used.
enum IssuedChain {
  /// Throws unless the chain is for the key and ends in one of the anchors.
  static func verify(
    _ certificates: [[UInt8]], for key: P256PrivateKey, anchors: [Certificate], at time: Timestamp
  ) throws -> [Certificate] {
    do {
      let chain = try certificates.map { try Certificate(der: $0) }
      guard let leaf = chain.first, leaf.publicKey.p256 == key.publicKey else {
        throw ClientError.verification(.certificate(reason: "it is not for the key requested"))
      }
      try CertificateChain.verify(
        leaf, intermediates: Array(chain.dropFirst()), anchors: anchors, at: time)
      return chain
    } catch let error as CryptoError {
      throw ClientError.verification(.certificate(reason: "\(error)"))
    }
  }
}
