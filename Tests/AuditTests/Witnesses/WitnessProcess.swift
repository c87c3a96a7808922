import Foundation
import RPC
import TestSupport
import TransparencyLog

/// `ndx witness` as a process of its own, in plain text on loopback.
final class WitnessProcess {
  let process: ServiceProcess
  private(set) var key: WitnessKey?
  private(set) var address = ""
  private var client: WebClient?

  /// - Parameter port: 0 for a free one.
  init(_ directory: TemporaryDirectory, _ name: String, log: VerifierKey, port: Int = 0) throws {
    process = try ServiceProcess(
      "ndx",
      arguments: [
        "witness", "--directory", directory.file(name), "--name", name, "--log", "\(log)",
        "--listen", "127.0.0.1:\(port)", "--output", "json",
      ], logFile: directory.file("\(name).log"))
  }

  func start() async throws {
    struct Report: Decodable {
      let key: String
      let address: String
    }
    try await process.startUntilReady()
    while !process.output.hasSuffix("}\n"), process.exitCode == nil { await Task.yield() }
    let report = try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
    key = try WitnessKey(report.key)
    address = report.address
    client = try WebClient(WebAddress(report.address))
  }

  func ask(_ request: AddCheckpointRequest) async throws -> WitnessReply {
    try await asking(request)
  }

  /// As `ask`, for a task of its own.
  var asking: @Sendable (AddCheckpointRequest) async throws -> WitnessReply {
    let (client, key) = (client, key)
    return { request in
      guard let client, let key else { throw CancellationError() }
      return try await Self.ask(request, client, key)
    }
  }

  private static func ask(
    _ request: AddCheckpointRequest, _ client: WebClient, _ key: WitnessKey
  ) async throws -> WitnessReply {
    let answer = try await client.post(
      AddCheckpointRequest.path, contentType: "text/plain", body: request.bytes)
    return WitnessReply(
      WitnessAnswer(status: answer.status, contentType: answer.contentType, body: answer.body),
      to: request, of: key)
  }
}
