import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceRuntime
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// A log of the audit service with its public listener, over real TLS.
struct ShownAuditLog {
  let log: OpenedLog
  private let server: WebServer
  let url: String

  init(_ directory: TemporaryDirectory, _ authority: TestAuthority) async throws {
    try await self.init(OpenedLog(directory), authority)
  }

  init(_ log: OpenedLog, _ authority: TestAuthority) async throws {
    self.log = log
    let shown = PublicLog(
      database: log.database, head: log.handler.head, board: log.handler.board)
    let credential = try authority.credential(for: .service("audit"))
    server = WebServer(
      configuration: WebServerConfiguration(
        host: "127.0.0.1", port: 0, requestsPerSecond: 1_000_000),
      tls: try TLSContextStore(credential.tls()),
      logger: Logger(label: "web") { _ in SwiftLogNoOpLogHandler() }
    ) { await shown.answer($0.path) }
    url = "https://127.0.0.1:\(try await server.start())"
  }

  var key: String { log.handler.verifierKey.description }

  /// Adds events up to this number, and waits until they are signed.
  func grow(to last: Int64, from first: Int64) async throws {
    var next = first
    while next <= last {
      let end = min(next + 1_023, last)
      try await log.append(Events.events(next...end))
      next = end + 1
    }
    _ = try await log.checkpoint(covering: Int(last))
  }

  func close() async {
    await server.shutdown(grace: .seconds(1))
    await log.close()
  }
}

/// `ndx audit monitor` on a log, with its state in a folder of its own.
struct MonitorCommand {
  let directory: TemporaryDirectory
  let root: String
  var more: [String] = []

  init(_ authority: TestAuthority, _ more: [String] = []) throws {
    directory = try TemporaryDirectory()
    root = directory.file("root.pem")
    try authority.root.certificate.pem.write(toFile: root, atomically: true, encoding: .utf8)
    self.more = more
  }

  var state: String { directory.file("monitor.state") }

  func arguments(_ url: String, key: String) -> [String] {
    ["audit", "monitor", url, "--key", key, "--state", state, "--ca", root] + more
  }

  func once(_ url: String, key: String, _ more: [String] = []) async throws
    -> (status: Int32, output: String)
  {
    try await OtherPrograms.run(
      try BuiltProducts.executable("ndx").path, arguments(url, key: key) + ["--once"] + more,
      ["NDX_LANGUAGE": "en"])
  }
}
