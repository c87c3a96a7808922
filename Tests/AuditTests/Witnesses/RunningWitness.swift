import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import TransparencyLog
import Witnessing

/// A witness that listens over real TLS, and a client of it.
final class RunningWitness: Sendable {
  let host: WitnessHost
  let url: String
  let port: Int
  private let client: WebClient
  private let reports: Reports

  /// - Parameter port: that of the witness before, when one starts again in the same folder.
  init(
    _ directory: TemporaryDirectory, _ authority: TestAuthority, logs: [VerifierKey],
    name: String? = "witness.example/w1", port: Int = 0
  ) async throws {
    let credential = try authority.credential(for: .service("witness"))
    let identity = TLSCredentials.Identity(
      certificateChainPEM: credential.chain.map(\.pem).joined(),
      privateKeyPEM: try credential.key.pem())
    let kinds = Reports()
    host = try WitnessHost(
      WitnessHost.Configuration(
        directory: directory.path, name: name, logs: logs, port: port, identity: identity),
      logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() }
    ) { conflict, _ in kinds.add(conflict.kind) }
    reports = kinds
    self.port = try await host.start()
    url = "https://127.0.0.1:\(self.port)"
    client = try WebClient(
      WebAddress(url), trust: .roots(pem: authority.root.certificate.pem))
  }

  /// What conflicts were reported, in order.
  var conflicts: [LogConflict.Kind] { reports.all }

  func ask(_ body: [UInt8], path: String = AddCheckpointRequest.path) async throws -> WitnessAnswer
  {
    let answer = try await client.post(path, contentType: "text/plain", body: body)
    return WitnessAnswer(
      status: answer.status, contentType: answer.contentType, body: answer.body)
  }

  func ask(_ request: AddCheckpointRequest) async throws -> WitnessReply {
    WitnessReply(try await ask(request.bytes), to: request, of: host.key)
  }

  func close() async {
    client.close()
    await host.shutdown(grace: .seconds(1))
  }
}

private final class Reports: Sendable {
  private let kinds = Mutex<[LogConflict.Kind]>([])

  func add(_ kind: LogConflict.Kind) { kinds.withLock { $0.append(kind) } }

  var all: [LogConflict.Kind] { kinds.withLock { $0 } }
}
