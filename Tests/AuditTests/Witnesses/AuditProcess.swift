import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport

/// The audit executable, with identity beside it as far as a service asks that on its own.
final class AuditProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let process: ServiceProcess
  private let authority: TestAuthority
  private let identity: RPCServer
  private var channel: RPCChannel?

  init(_ directory: TemporaryDirectory, settings: [String: String]) async throws {
    authority = try TestAuthority()
    identity = try Self.identity(authority)
    let port = try await identity.start()
    let credential = try authority.credential(for: .service("audit"))
    try KeyFile.write(credential.anchors.map(\.pem).joined(), to: directory.file("trust.pem"))
    try KeyFile.write(
      try credential.key.pem() + credential.chain.map(\.pem).joined(),
      to: directory.file("credential.pem"))
    let all = settings.merging([
      "data-directory": directory.path, "listen": "127.0.0.1:0", "public-listen": "127.0.0.1:0",
      "identity-address": "127.0.0.1:\(port)", "trust-domain": authority.trustDomain,
    ]) { $1 }
    process = try ServiceProcess(
      "audit", arguments: ["serve"] + all.flatMap { ["--\($0.key)", $0.value] },
      logFile: directory.file("audit.log"))
  }

  private static func identity(_ authority: TestAuthority) throws -> RPCServer {
    RPCServer(
      configuration: RPCServerConfiguration(),
      tls: try TLSContextStore(try authority.credential(for: .service("identity")).tls()),
      methods: [
        .unary(TokenServiceMethods.getJwks) { (_: IdentityV1.GetJwksRequest, _: CallContext) in
          IdentityV1.GetJwksResponse(jwks: authority.keys.text)
        },
        .serverStreaming(CredentialServiceMethods.watchRevocations) {
          (
            _: IdentityV1.WatchRevocationsRequest, _: CallContext,
            writer: ResponseWriter<IdentityV1.WatchRevocationsResponse>
          ) in
          while true {
            let step = IdentityV1.WatchRevocationsResponse(
              epoch: 0, asOf: WallClock.system.now())
            try await writer.write(
              try step.signed(by: authority.tokenKey, keyID: authority.tokenKeyID))
            try await Task.sleep(for: .seconds(1))
          }
        },
      ], logger: Logger(label: "identity") { _ in SwiftLogNoOpLogHandler() })
  }

  /// Starts it on the database that is there, and returns the log as settlement calls it, once it takes calls.
  func start() async throws -> LogServiceClient {
    await channel?.close()
    let line = try JSON(parsing: try await process.startUntilReady().utf8)
    guard let address = line["address"]?.string else {
      throw Failure(description: "does not say where it is")
    }
    let credential = try authority.credential(for: .service("settlement"))
    let channel = RPCChannel(
      target: address, tls: try TLSContextStore(try credential.tls()),
      expecting: .service("audit", trustDomain: authority.trustDomain))
    self.channel = channel
    let log = LogServiceClient(channel)
    for _ in 1...200 {
      do {
        _ = try await log.getCheckpoint(.init())
        return log
      } catch let status as RPCStatus
        where [.unavailable, .unauthenticated].contains(status.code)
      {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    throw Failure(description: "takes no calls:\n\(process.log)")
  }

  /// kill -9. Calls under way fail at once, instead of waiting for it to come back.
  func kill() async throws {
    try await process.kill()
    await channel?.close()
  }

  /// SIGTERM; returns the exit code.
  func stop() async throws -> Int32 {
    await channel?.close()
    let code = try await process.terminate()
    await identity.shutdown(grace: .zero)
    return code
  }
}
