import Crypto
import Foundation
@testable import IdentityAPI
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport

/// A bootstrapped identity on its real listeners, in this process.
final class IdentityExchange: Sendable {
  let time: ManualTime
  let root: Certificate
  private let directory: TemporaryDirectory
  private let running: Task<Void, any Error>
  let address: HostPort
  let enrolment: HostPort
  static let trustDomain = "test.ndx"

  init() async throws {
    let time = ManualTime()
    let directory = try TemporaryDirectory()
    let configuration = try await ServiceConfiguration.test(
      IdentityService.self, directory: directory, trustDomain: Self.trustDomain,
      settings: [
        "audit-address": "127.0.0.1:1", "root-directory": directory.file("bootstrap/root"),
        "log-level": "critical",
      ])
    try await Self.bootstrap(configuration, directory, time)
    let ready = ReadyFile(configuration)
    self.time = time
    self.directory = directory
    root = try Certificate(
      pem: String(contentsOfFile: directory.file("bootstrap/trust.pem"), encoding: .utf8))
    let running = Task {
      try await ServiceApplication<IdentityService>(
        configuration: configuration, clock: time.clock,
        logger: Logger(label: "identity") { _ in SwiftLogNoOpLogHandler() }
      ).run(handlingSignals: false)
    }
    self.running = running
    let end = ContinuousClock.now.advanced(by: .seconds(30))
    while ready.address() == nil, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(5))
    }
    guard let address = ready.address(), let enrolment = ready.enrolmentAddress() else {
      running.cancel()
      try await running.value
      throw RPCStatus(code: .unavailable, message: "identity did not start")
    }
    self.address = address
    self.enrolment = enrolment
  }

  private static func bootstrap(
    _ configuration: ServiceConfiguration, _ directory: TemporaryDirectory, _ time: ManualTime
  ) async throws {
    try await IdentityDatabase.use(configuration) { database, key in
      _ = try await Bootstrap(
        directory: directory.file("bootstrap"), trustDomain: trustDomain, key: key,
        transactor: Transactor(database: database, clock: time.clock)
      ).run()
    }
  }

  func stop() async {
    running.cancel()
    _ = await running.result
  }

  /// A token that the bootstrap wrote: "staff/registrar-1", "services/catalog/enrolment".
  func bootstrapToken(_ name: String) throws -> String {
    try String(contentsOfFile: directory.file("bootstrap/\(name).token"), encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A channel to the enrolment listener, which knows the root by its fingerprint only.
  func enrolmentChannel() throws -> RPCChannel {
    RPCChannel(
      target: enrolment.description,
      tls: try TLSContextStore(
        TLSCredentials(identity: nil, trust: .pinnedRoot(fingerprint: root.fingerprint))),
      expecting: .service("identity", trustDomain: Self.trustDomain))
  }

  func enrol(
    token: String, key: P256PrivateKey, requestID: RequestID? = nil, lifetimeSeconds: Int32 = 0
  ) async throws -> IdentityV1.EnrolResponse {
    try await enrol(
      token: token, signingRequest: CertificateSigningRequest(key: key).der, requestID: requestID,
      lifetimeSeconds: lifetimeSeconds)
  }

  func enrol(
    token: String, signingRequest: [UInt8], requestID: RequestID? = nil,
    lifetimeSeconds: Int32 = 0
  ) async throws -> IdentityV1.EnrolResponse {
    let channel = try enrolmentChannel()
    do {
      let response = try await CredentialServiceClient(channel).enrol(
        IdentityV1.EnrolRequest(
          requestID: requestID ?? .make(at: time.now), token: token,
          signingRequest: signingRequest, lifetimeSeconds: lifetimeSeconds))
      await channel.close()
      return response
    } catch {
      await channel.close()
      throw error
    }
  }

  /// Enrols with a token and returns who one is then.
  func party(_ token: String, lifetimeSeconds: Int32 = 0) async throws -> Party {
    let key = try P256PrivateKey.generate()
    let response = try await enrol(token: token, key: key, lifetimeSeconds: lifetimeSeconds)
    return try Party(exchange: self, key: key, chain: response.certificateChain)
  }

  func staff(_ name: String) async throws -> Party {
    try await party(bootstrapToken("staff/\(name)"))
  }
}

/// A holder of a certificate, who fetches a fresh access token for each call.
struct Party: Sendable {
  let exchange: IdentityExchange
  let credential: Credential
  let channel: RPCChannel
  /// By the certificate alone, as services call.
  let plain: RPCChannel

  init(exchange: IdentityExchange, key: P256PrivateKey, chain: [[UInt8]]) throws {
    self.exchange = exchange
    credential = try Credential(
      key: key, chain: chain.map { try Certificate(der: $0) }, anchors: [exchange.root])
    let tls = try TLSContextStore(try credential.tls())
    func open(_ credentials: (any CallCredentials)?) -> RPCChannel {
      RPCChannel(
        target: exchange.address.description, tls: tls,
        expecting: .service("identity", trustDomain: IdentityExchange.trustDomain),
        credentials: credentials)
    }
    plain = open(nil)
    channel = open(FreshTokens(tokens: TokenServiceClient(plain), time: exchange.time))
  }

  var name: SPIFFEID? { credential.leaf.spiffeID.flatMap { SPIFFEID($0) } }
  var participantID: ParticipantID {
    guard case .participant(let id, _)? = name?.name else { return ParticipantID(high: 0, low: 0) }
    return id
  }
  var participants: ParticipantServiceClient { ParticipantServiceClient(channel) }
  var access: AccessServiceClient { AccessServiceClient(channel) }
  var credentials: CredentialServiceClient { CredentialServiceClient(channel) }
  /// Calls by the certificate alone.
  var certificateOnly: CredentialServiceClient { CredentialServiceClient(plain) }
  var tokens: TokenServiceClient { TokenServiceClient(plain) }
  func requestID() -> RequestID { .make(at: exchange.time.now) }

  /// Asks with exactly this access token.
  func getParticipant(_ id: ParticipantID, token: String) async throws {
    var metadata = Metadata()
    metadata.add("authorization", "Bearer \(token)")
    _ = try await ParticipantServiceClient(plain).getParticipant(
      IdentityV1.GetParticipantRequest(participantID: id), CallOptions(metadata: metadata))
  }

  func close() async {
    await channel.close()
    await plain.close()
  }
}

private struct FreshTokens: CallCredentials {
  let tokens: TokenServiceClient
  let time: ManualTime

  func metadata(for method: MethodDescriptor) async throws -> [(String, String)] {
    let issued = try await tokens.issueToken(
      IdentityV1.IssueTokenRequest(requestID: .make(at: time.now), audience: "identity"))
    return [("authorization", "Bearer \(issued.accessToken)")]
  }
}

extension Party {
  /// Registers a participant, an enterprise unless told otherwise, with these roles; it waits in APPLIED.
  func register(
    _ legalID: String, roles: [TypeV1.Role] = [.consumer], requestID: RequestID? = nil,
    kind: IdentityV1.ParticipantKind = .enterprise, environment: TypeV1.Environment = .live
  ) async throws -> IdentityV1.RegisterParticipantResponse {
    try await participants.registerParticipant(
      IdentityV1.RegisterParticipantRequest(
        requestID: requestID ?? self.requestID(), kind: kind, environment: environment,
        name: TypeV1.LocalizedText(vi: "Công ty \(legalID)"), legalID: legalID,
        jurisdiction: "VN", roles: roles))
  }

  func verify(_ id: ParticipantID) async throws {
    _ = try await participants.verifyParticipant(
      IdentityV1.VerifyParticipantRequest(
        requestID: requestID(), participantID: id, evidence: "register"))
  }

  func approve(_ id: ParticipantID) async throws {
    _ = try await participants.approveParticipant(
      IdentityV1.ApproveParticipantRequest(requestID: requestID(), participantID: id))
  }

  func enrolmentToken(
    for id: ParticipantID, system: String = "portal", hosts: [String] = []
  ) async throws -> String {
    try await credentials.createEnrolmentToken(
      IdentityV1.CreateEnrolmentTokenRequest(
        requestID: requestID(), participantID: id, systemName: system, hosts: hosts)
    ).token
  }
}

/// The reason of the refusal that `call` meets; nil when it meets none.
func refusal<Value>(_ call: () async throws -> Value) async throws -> String? {
  do {
    _ = try await call()
    return nil
  } catch let status as RPCStatus {
    return status.details?.reason ?? "\(status.code)"
  }
}
