import Client
import Crypto
import Foundation
import Model
import TestSupport

/// The connector of a participant of a local exchange, serving a copy of the example data.
final class ConnectorProcess: Sendable {
  /// What it serves.
  let dataFolder: String
  /// Where; the same after a restart.
  let address: String
  /// Where its database is.
  let dataDirectory: String
  private let process: ServiceProcess

  /// Enrols a system for it, starts it and returns when it is ready.
  init(_ exchange: LocalExchange, of participant: ParticipantID) async throws {
    let folder = "\(exchange.directory)/connector"
    dataDirectory = folder + "/state"
    dataFolder = folder + "/data"
    try LocalFile.makeFolder(dataFolder, isPrivate: true)
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/data/vn-provinces.csv")
    try LocalFile.write([UInt8](try Data(contentsOf: source)), to: dataFolder + "/provinces.csv")
    let token = try await exchange.enrolmentToken(
      system: "connector", of: participant, hosts: ["127.0.0.1"])
    try KeyFile.write(token, to: folder + "/token")
    let description = try ExchangeDescription.load(exchange.directory + "/exchange.json")
    func make(_ address: String) throws -> ServiceProcess {
      try ServiceProcess(
        "connector",
        arguments: [
          "serve", "--data", folder + "/data", "--data-directory", folder + "/state",
          "--listen", address, "--identity-address", description.endpoints.identity,
          "--enrolment-address", description.endpoints.enrolment,
          "--catalog-address", description.endpoints.catalog,
          "--settlement-address", description.endpoints.settlement,
          "--enrolment-token-file", folder + "/token", "--ca-fingerprint", description.fingerprint,
        ], logFile: folder + "/connector.log")
    }
    (process, address) = try await Self.start(make)
  }

  /// Starts on a port that is free. It is fixed, for a restart must find it again, and not one of
  /// those that outgoing connections take.
  private static func start(_ make: (String) throws -> ServiceProcess) async throws
    -> (ServiceProcess, String)
  {
    for _ in 1...20 {
      let address = "127.0.0.1:\(Int.random(in: 15_000..<32_000))"
      let process = try make(address)
      if (try? await process.startUntilReady()) != nil { return (process, address) }
    }
    throw ExchangeFailure(description: "the connector does not start")
  }

  /// kill -9 and a new start, with something done in between.
  func restart(after work: () async throws -> Void = {}) async throws {
    try await process.kill()
    try await work()
    try await process.startUntilReady()
  }

  func stop() async {
    _ = try? await process.terminate()
  }
}
