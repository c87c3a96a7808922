import Crypto
import Foundation
import Logging
import Model
import RPC
import Synchronization
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// A witness that cosigns whatever it is asked about, until it is told to answer otherwise; and the log that asks no other.
final class ScriptedWitness: Sendable {
  private let signer: WitnessSigner
  private let server: WebServer
  private let script: Script
  private let settings: [String: String]

  private final class Script: Sendable {
    let answer = Mutex<(@Sendable (AddCheckpointRequest) -> WitnessAnswer)?>(nil)
    let asked = Mutex(0)
  }

  init(_ directory: TemporaryDirectory) async throws {
    let (signer, script) = (try WitnessSigner(name: "w.example/s", key: .generate()), Script())
    var limits = WebServerConfiguration(
      host: "127.0.0.1", port: 0, requestsPerSecond: 1_000_000)
    limits.maximumBodyBytes = LogLimits.addCheckpointBytes
    server = WebServer(
      configuration: limits, tls: nil,
      logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() }
    ) { request in
      let answer = Self.answer(request.body, script, signer)
      return WebResponse(
        status: answer.status, contentType: answer.contentType, cacheControl: "no-store",
        body: answer.body)
    }
    (self.signer, self.script) = (signer, script)
    let port = try await server.start()
    try "witness w \(signer.witnessKey) http://127.0.0.1:\(port)\nquorum w\n".write(
      toFile: directory.file("policy"), atomically: true, encoding: .utf8)
    settings = ["witness-policy": directory.file("policy")]
  }

  private static func answer(
    _ body: [UInt8], _ script: Script, _ signer: WitnessSigner
  ) -> WitnessAnswer {
    guard let request = try? AddCheckpointRequest(body) else { return .text(400, "malformed") }
    script.asked.withLock { $0 += 1 }
    if let answer = script.answer.withLock({ $0 }) { return answer(request) }
    let line = try? signer.cosign(request.checkpoint.text, at: 1_800_000_000)
    return WitnessAnswer(cosignatures: [line].compactMap(\.self))
  }

  /// From now on; nil cosigns.
  func answer(_ answer: (@Sendable (AddCheckpointRequest) -> WitnessAnswer)?) {
    script.answer.withLock { $0 = answer }
  }

  var asked: Int { script.asked.withLock { $0 } }

  func open(_ directory: TemporaryDirectory) async throws -> OpenedLog {
    try await OpenedLog(directory, settings: settings)
  }

  func close() async { await server.shutdown(grace: .seconds(1)) }
}
