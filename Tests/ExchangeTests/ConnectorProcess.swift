import Client
import Foundation
import Model
import TestSupport

/// The connector of a participant of a local exchange, serving a copy of the example data.
final class ConnectorProcess: Sendable {
  /// What it serves.
  let dataFolder: String
  /// Where; the same after a restart.
  let address: String
  private let process: ServiceProcess

  /// Enrols a system for it, starts it and returns when it is ready.
  init(_ exchange: LocalExchange, of participant: ParticipantID) async throws {
    let folder = "\(exchange.directory)/connector"
    dataFolder = folder + "/data"
    try LocalFile.makeFolder(dataFolder, isPrivate: true)
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Examples/data/vn-provinces.csv")
    try LocalFile.write([UInt8](try Data(contentsOf: source)), to: dataFolder + "/provinces.csv")
    let token = try await exchange.enrolmentToken(
      system: "connector", of: participant, hosts: ["127.0.0.1"])
    try LocalFile.write(token, to: folder + "/token")
    let description = try ExchangeDescription.load(exchange.directory + "/exchange.json")
    func process(listeningOn address: String) throws -> ServiceProcess {
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
    let first = try process(listeningOn: "127.0.0.1:0")
    try await first.startUntilReady()
    let ready = try ProtoJSON.decode(Ready.self, fromFile: folder + "/state/ready")
    _ = try await first.terminate()
    guard let ready else { throw ExchangeFailure(description: "no ready file") }
    address = ready.address
    self.process = try process(listeningOn: ready.address)
    try await self.process.startUntilReady()
  }

  private struct Ready: Decodable {
    var address: String
  }

  /// kill -9 and a new start.
  func restart() async throws {
    try await process.kill()
    try await process.startUntilReady()
  }

  func stop() async {
    _ = try? await process.terminate()
  }
}
