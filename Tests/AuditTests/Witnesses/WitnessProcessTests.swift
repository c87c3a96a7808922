import Crypto
import Foundation
import Model
import RPC
import TestSupport
import Testing
import TransparencyLog

/// `ndx witness` as a process, killed at any moment.
@Suite(.timeLimit(.minutes(2))) struct WitnessProcessTests {
  private let directory: TemporaryDirectory
  private let signer: NoteSigner
  private let log: SmallLog
  private let fork: SmallLog

  init() throws {
    directory = try TemporaryDirectory()
    signer = try NoteSigner(name: "ndx.local/audit", key: .generate())
    log = SmallLog(signer)
    fork = SmallLog(signer, history: "other")
  }

  private struct Started {
    let key: WitnessKey
    let client: WebClient

    func ask(_ request: AddCheckpointRequest) async throws -> WitnessReply {
      let answer = try await client.post(
        AddCheckpointRequest.path, contentType: "text/plain", body: request.bytes)
      return WitnessReply(
        WitnessAnswer(
          status: answer.status, contentType: answer.contentType, body: answer.body),
        to: request, of: key)
    }
  }

  private func process() throws -> ServiceProcess {
    try ServiceProcess(
      "ndx",
      arguments: [
        "witness", "--directory", directory.file("witness"), "--name", "w.example",
        "--log", "\(signer.verifierKey)", "--listen", "127.0.0.1:0", "--output", "json",
      ], logFile: directory.file("witness.log"))
  }

  private func start(_ process: ServiceProcess) async throws -> Started {
    try await process.startUntilReady()
    struct Report: Decodable {
      let key: String
      let address: String
    }
    while !process.output.hasSuffix("}\n") { await Task.yield() }
    let report = try JSONDecoder().decode(Report.self, from: Data(process.output.utf8))
    return Started(
      key: try WitnessKey(report.key), client: try WebClient(WebAddress(report.address)))
  }

  @Test func aKilledWitnessNeverCosignsTwoRootsOfOneSize() async throws {
    let process = try process()
    let moments = RandomMoments()
    var cosigned = 0
    for _ in 0..<6 {
      let witness = try await start(process)
      let log = log
      let from = cosigned
      // The kill comes while requests are under way.
      let asking = Task { () -> Int in
        var newest = from
        for size in (newest + 1)...(newest + 40) {
          let request = try log.request(from: newest, to: size)
          guard let reply = try? await witness.ask(request) else { return newest }
          switch reply {
          case .cosigned: newest = size
          case .remembers(let size): newest = size
          default: return newest
          }
        }
        return newest
      }
      try await Task.sleep(for: moments.next(upTo: .milliseconds(30)))
      try await process.kill()
      cosigned = try await asking.value
      let again = try await start(process)
      let forked = try await again.ask(fork.request(from: cosigned, to: cosigned))
      if cosigned > 0 {
        let honest: Bool =
          switch forked {
          case .contradiction: true
          case .remembers(let size): size > cosigned
          default: false
          }
        #expect(honest, "\(forked) after \(cosigned)")
      }
      if case .remembers(let size) = forked { cosigned = size }
      #expect(try await process.terminate() == 0)
    }
    #expect(cosigned > 0)
  }
}
