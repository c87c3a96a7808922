import Client
import Foundation
import GRDB
import Model
import Stubs
import TestSupport
import Testing

/// What an executable cannot work with it says in one line, and does not start.
struct StartRefusalTests {
  /// A data directory in which nothing has happened yet.
  private struct Setting {
    let service: String
    let folder: TemporaryDirectory

    init(_ service: String) throws {
      self.service = service
      folder = try TemporaryDirectory()
    }

    var database: String { folder.file("\(service).sqlite") }

    /// Runs the service, expects it to end by itself and returns its only line.
    func refusal(_ settings: [String] = []) async throws -> (exitCode: Int32, line: String) {
      let output = try await NdxCommand.run(
        try BuiltProducts.executable(service),
        ["serve", "--data-directory", folder.path, "--listen", "127.0.0.1:0"]
          + ["--log-level", "error"] + settings,
        environment: [:], scratch: folder.path)
      let lines = output.standardError.split(separator: "\n")
      #expect(lines.count == 1, "\(output.standardError)")
      #expect(output.standardOutput.isEmpty)
      return (output.exitCode, lines.last.map(String.init) ?? "")
    }
  }

  @Test(arguments: LocalExchange.services)
  func aCorruptDatabaseIsRefused(service: String) async throws {
    let setting = try Setting(service)
    try Data(repeating: 0x41, count: 8_192).write(to: URL(filePath: setting.database))
    let (exitCode, line) = try await setting.refusal()
    #expect(exitCode == 65)
    #expect(line.contains("corrupt") && line.contains(setting.database))
  }

  @Test(arguments: LocalExchange.services)
  func aDatabaseOfANewerVersionIsRefused(service: String) async throws {
    let setting = try Setting(service)
    // The first start makes the database and then ends, for want of a certificate authority.
    _ = try await setting.refusal()
    let queue = try DatabaseQueue(path: setting.database)
    try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 999") }
    try queue.close()
    let (exitCode, line) = try await setting.refusal()
    #expect(exitCode == 65)
    #expect(line.contains("newer"))
  }

  @Test(arguments: LocalExchange.services)
  func aMissingCredentialIsRefused(service: String) async throws {
    let (exitCode, line) = try await Setting(service).refusal()
    #expect(exitCode == 66, "\(line)")
  }
}

/// The same for what can only be seen of an exchange that runs.
extension StartRefusalTests {
  @Test(.timeLimit(.minutes(2)))
  func aPortInUseStopsTheStartOfTheExchange() async throws {
    let exchange = try await LocalExchange()
    let other = try TemporaryDirectory()
    let description = try String(
      contentsOfFile: exchange.directory + "/exchange.json", encoding: .utf8)
    try description.write(toFile: other.file("exchange.json"), atomically: true, encoding: .utf8)
    let output = try await NdxCommand(directory: other.path).run(["up", "--detach"])
    #expect(output.exitCode == 5)
    #expect(output.standardError.contains("in use"), "\(output.standardError)")
    let status = try await NdxCommand(directory: other.path).run(["status"])
    #expect(status.exitCode == 3)
  }
}

/// A key that has signed cannot be made anew behind everybody's back.
extension StartRefusalTests {
  @Test(.timeLimit(.minutes(2)))
  func settlementDoesNotReplaceALostGrantKey() async throws {
    let market = try await Market.open()
    _ = try await market.company.orders.fundOrder(
      .init(requestID: Market.request, orderID: market.order.id, accountID: market.account))
    _ = try await market.company.orders.issueGrant(
      .init(requestID: Market.request, orderID: market.order.id))
    await market.close()
    market.exchange.kill("settlement")
    try FileManager.default.removeItem(
      atPath: market.exchange.directory + "/services/settlement/grant.key")
    let output = try await market.exchange.ndx.run(["up", "--ports", "auto", "--detach"])
    #expect(output.exitCode == 5)
    #expect(output.standardError.contains("grant.key is missing"), "\(output.standardError)")
  }
}
