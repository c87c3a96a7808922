import Codec
import Crypto
import Model
import RPC
import ServiceRuntime
import Stubs
import Synchronization
import TestSupport

/// As much of identity as a service needs to start: enrolment, renewal, keys and the signed feed,
/// on the two listeners, with real certificates.
final class TestIdentity: CredentialServiceHandler, TokenServiceHandler {
  struct Feed {
    var epoch: Int64 = 0
    var revocations: [IdentityV1.Revocation] = []
    var forges = false
    var listeners: [AsyncStream<Void>.Continuation] = []
  }
  let authority: TestAuthority
  let service: String
  let token = "enrolment-token"
  let feed = Mutex(Feed())
  let enrolments = Mutex(0)
  /// How old the certificates that it enrols with are, in seconds; renewed ones are new.
  let enrolledAgeSeconds = Mutex<Int64>(60)
  let renewals = Mutex(0)
  private let servers = Mutex<[RPCServer]>([])

  init(enrolling service: String) throws {
    authority = try TestAuthority()
    self.service = service
  }

  /// Starts both listeners; returns the settings that point at them.
  func start() async throws -> [String: String] {
    let tls = try TLSContextStore(try authority.credential(for: .service("identity")).tls())
    let own: [RegisteredMethod] =
      (self as any CredentialServiceHandler).methods + (self as any TokenServiceHandler).methods
    var ports: [Int] = []
    for certificate in [RPCServerConfiguration.ClientCertificate.required, .notRequested] {
      let server = RPCServer(
        configuration: RPCServerConfiguration(port: 0, clientCertificate: certificate), tls: tls,
        methods: own, logger: .quiet)
      servers.withLock { $0.append(server) }
      ports.append(try await server.start())
    }
    return [
      "identity-address": "127.0.0.1:\(ports[0])", "enrolment-address": "127.0.0.1:\(ports[1])",
      "ca-fingerprint": authority.root.certificate.fingerprint.hex, "enrolment-seconds": "5",
    ]
  }

  func stop() async {
    for server in servers.withLock({ $0 }) { await server.shutdown(grace: .zero) }
  }

  func revoke(_ subject: IdentityV1.RevocationSubject, _ id: String) {
    feed.withLock { feed in
      feed.epoch += 1
      feed.revocations.append(
        IdentityV1.Revocation(
          epoch: feed.epoch, subject: subject, subjectID: id,
          notBefore: WallClock.system.now(), blocked: true))
      for listener in feed.listeners { listener.yield() }
    }
  }

  private func chain(_ signingRequest: [UInt8], ageSeconds: Int64 = 60) throws -> [[UInt8]] {
    let request = try CertificateSigningRequest(der: signingRequest)
    let leaf = try authority.issuer.issueLeaf(
      publicKey: request.publicKey,
      spiffeID: SPIFFEID(trustDomain: authority.trustDomain, name: .service(service)).description,
      hosts: ["127.0.0.1"], notBefore: WallClock.system.now().adding(seconds: -ageSeconds),
      notAfter: WallClock.system.now().adding(seconds: 3_600))
    return [leaf.der, authority.issuer.certificate.der]
  }

  func enrol(_ request: IdentityV1.EnrolRequest, _ context: CallContext) async throws
    -> IdentityV1.EnrolResponse
  {
    guard request.token == token else { throw TestRefusal.wrongState }
    enrolments.withLock { $0 += 1 }
    return IdentityV1.EnrolResponse(
      certificateChain: try chain(
        request.signingRequest, ageSeconds: enrolledAgeSeconds.withLock { $0 }))
  }

  func renewCredential(_ request: IdentityV1.RenewCredentialRequest, _ context: CallContext)
    async throws -> IdentityV1.RenewCredentialResponse
  {
    renewals.withLock { $0 += 1 }
    return IdentityV1.RenewCredentialResponse(certificateChain: try chain(request.signingRequest))
  }

  func getTrustBundle(_ request: IdentityV1.GetTrustBundleRequest, _ context: CallContext)
    async throws -> IdentityV1.GetTrustBundleResponse
  {
    IdentityV1.GetTrustBundleResponse(
      trustDomain: authority.trustDomain, roots: [authority.root.certificate.der])
  }

  func watchRevocations(
    _ request: IdentityV1.WatchRevocationsRequest, _ context: CallContext,
    _ writer: ResponseWriter<IdentityV1.WatchRevocationsResponse>
  ) async throws {
    let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
    feed.withLock { $0.listeners.append(continuation) }
    continuation.yield()
    var sent = request.afterEpoch
    for await _ in changes {
      let (step, forges) = feed.withLock { feed in
        let news = feed.revocations.filter { $0.epoch > sent }
        return (
          IdentityV1.WatchRevocationsResponse(
            revocations: news, epoch: feed.epoch, asOf: WallClock.system.now()), feed.forges
        )
      }
      sent = step.epoch
      let key = forges ? try P256PrivateKey.generate() : authority.tokenKey
      try await writer.write(try step.signed(by: key, keyID: authority.tokenKeyID))
    }
  }

  func getJwks(_ request: IdentityV1.GetJwksRequest, _ context: CallContext) async throws
    -> IdentityV1.GetJwksResponse
  {
    IdentityV1.GetJwksResponse(jwks: authority.keys.text)
  }

  private func unused<Response>() throws -> Response {
    throw RPCStatus(code: .unimplemented, message: "not part of this test")
  }

  func createEnrolmentToken(
    _ request: IdentityV1.CreateEnrolmentTokenRequest, _ context: CallContext
  ) async throws -> IdentityV1.CreateEnrolmentTokenResponse { try unused() }

  func revokeCredential(_ request: IdentityV1.RevokeCredentialRequest, _ context: CallContext)
    async throws -> IdentityV1.RevokeCredentialResponse
  { try unused() }

  func listCredentials(_ request: IdentityV1.ListCredentialsRequest, _ context: CallContext)
    async throws -> IdentityV1.ListCredentialsResponse
  { try unused() }

  func getRevocations(_ request: IdentityV1.GetRevocationsRequest, _ context: CallContext)
    async throws -> IdentityV1.GetRevocationsResponse
  { try unused() }

  func issueToken(_ request: IdentityV1.IssueTokenRequest, _ context: CallContext) async throws
    -> IdentityV1.IssueTokenResponse
  { try unused() }
}
