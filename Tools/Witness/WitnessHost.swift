import Crypto
package import Logging
package import Model
package import RPC
package import TransparencyLog

/// A witness (c2sp.org/tlog-witness): cosigns the checkpoints of the logs it knows as long as each extends all before,
/// and keeps evidence of those that do not. Anyone may ask; what is asked must be signed by a log.
package final class WitnessHost: Sendable {
  package struct Configuration: Sendable {
    /// Its folder, of this witness alone.
    package var directory: String
    /// Needed at the first start, as a part of the key that is then made.
    package var name: String?
    /// Keys with the same name are of one log.
    package var logs: [VerifierKey]
    package var host: String
    package var port: Int
    /// Nil for plain text on loopback.
    package var identity: TLSCredentials.Identity?

    package init(
      directory: String, name: String?, logs: [VerifierKey], host: String = "127.0.0.1",
      port: Int = 0, identity: TLSCredentials.Identity? = nil
    ) {
      self.directory = directory
      self.name = name
      self.logs = logs
      self.host = host
      self.port = port
      self.identity = identity
    }
  }

  package let key: WitnessKey
  private let folder: WitnessFolder
  private let server: WebServer
  private let address: String

  /// Opens the folder.
  /// - Parameter report: is told of each conflict and of the file with its evidence.
  /// - Throws: `WitnessError`, `CryptoError`, `LogFormatError`.
  package init(
    _ configuration: Configuration, clock: WallClock = .system, logger: Logger,
    report: @escaping @Sendable (LogConflict, String) -> Void
  ) throws {
    guard !configuration.logs.isEmpty else { throw WitnessError.noLogs }
    folder = try WitnessFolder(configuration.directory)
    let signer = try folder.signer(named: configuration.name)
    let evidence = try EvidenceFolder(folder.evidencePath, clock: clock, report: report)
    var logs: [Digest: LogMemory] = [:]
    let byOrigin = Dictionary(grouping: configuration.logs) { Self.place(of: $0.name) }
    for (place, keys) in byOrigin {
      logs[place] = try LogMemory(
        keys, path: folder.statePath(of: keys[0].name), signer: signer, evidence: evidence,
        clock: clock)
    }
    key = signer.witnessKey
    address = "\(configuration.host):\(configuration.port)"
    var limits = WebServerConfiguration(host: configuration.host, port: configuration.port)
    limits.maximumBodyBytes = LogLimits.addCheckpointBytes
    let known = logs
    server = WebServer(
      configuration: limits, tls: try Self.tls(configuration.identity), logger: logger
    ) { request in
      let answer = await Self.answer(request, known)
      return WebResponse(
        status: answer.status, contentType: answer.contentType, cacheControl: "no-store",
        body: answer.body)
    }
  }

  /// Listens, and returns the port.
  /// - Throws: `WitnessError.cannotListen`.
  package func start() async throws -> Int {
    do {
      return try await server.start()
    } catch {
      throw WitnessError.cannotListen(address: address, why: "\(error)")
    }
  }

  /// Answers what has begun, and lets go of the folder.
  package func shutdown(grace: Duration = .seconds(5)) async {
    await server.shutdown(grace: grace)
    folder.close()
  }

  private static func answer(
    _ request: WebRequest, _ logs: [Digest: LogMemory]
  ) async -> WitnessAnswer {
    guard request.path == AddCheckpointRequest.path else { return .text(404, "not here") }
    guard request.method == .post else { return .text(405, "POST only") }
    guard let request = try? AddCheckpointRequest(request.body),
      let origin = WitnessRule.origin(of: request)
    else { return .text(400, "the request is malformed") }
    guard let log = logs[place(of: origin)] else {
      return WitnessAnswer(refusal: .unknownLog) ?? .text(404, "not here")
    }
    return await log.answer(request)
  }

  /// Origins are compared byte for byte.
  private static func place(of origin: String) -> Digest { .sha256(of: Array(origin.utf8)) }

  private static func tls(_ identity: TLSCredentials.Identity?) throws -> TLSContextStore? {
    guard let identity else { return nil }
    do {
      // Clients show no certificate, so nothing is ever checked against these anchors.
      let trust = TLSCredentials.Trust.anchors(pem: identity.certificateChainPEM)
      return try TLSContextStore(TLSCredentials(identity: identity, trust: trust))
    } catch {
      throw WitnessError.badCertificate("\(error)")
    }
  }
}
