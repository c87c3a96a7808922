import Crypto
import Foundation
import Model
import RPC
import ServiceRuntime
import Stubs
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// The audit executable on a faulty disk, with a producer and a reader of its public port that outlive it.
final class FaultyAudit {
  let service: FaultyProcess
  let reader = PublicReader()
  private(set) var log: LogServiceClient?
  private(set) var key: VerifierKey?
  private var channel: RPCChannel?
  private var reading: Task<Void, Never>?

  init() async throws {
    service = try await FaultyProcess(
      "audit",
      arguments: [
        "--public-listen", "127.0.0.1:0", "--checkpoint-interval-milliseconds", "10",
        "--public-requests-per-second", "1000000",
      ])
  }

  /// Starts it, on the log that is there, and its reader.
  /// - Returns: the log as a producer calls it.
  func start() async throws -> LogServiceClient {
    await channel?.close()
    await endReading()
    try await service.start()
    let channel = try service.channel(asService: "settlement")
    self.channel = channel
    let log = LogServiceClient(channel)
    self.log = log
    try await service.untilItBelieves {
      self.key = try VerifierKey(try await log.getCheckpoint(.init()).verifierKey)
    }
    try read()
    return log
  }

  /// Reads `/checkpoint` as fast as it is answered, until the process is gone.
  private func read() throws {
    guard let key, let port = service.process.publicPort else {
      throw FaultyProcess.Failure(description: "the public port is not known")
    }
    let client = try WebClient(
      WebAddress("https://127.0.0.1:\(port)"),
      trust: .exchange(
        try TLSContextStore(try service.authority.credential(for: .service("settlement")).tls()),
        .service("audit", trustDomain: service.authority.trustDomain)))
    reading = Task { [reader] in
      while !Task.isCancelled, let answer = try? await client.get("/checkpoint") {
        guard answer.status == 200, reader.note(answer.body, key) != nil else { break }
      }
      client.close()
    }
  }

  private func endReading() async {
    reading?.cancel()
    await reading?.value
    reading = nil
  }

  func stop() async throws {
    await endReading()
    await channel?.close()
    try await service.stop()
  }
}

extension ServiceProcess {
  /// Where the process that runs now serves the public side, as it says in its log.
  fileprivate var publicPort: Int? {
    let lines = log.split(separator: "\n").filter { $0.contains("the log can be read") }
    return lines.last.flatMap { line in
      line.matches(of: /127\.0\.0\.1:([0-9]+)/).last.flatMap { Int($0.1) }
    }
  }
}
