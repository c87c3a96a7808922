import Crypto
import Foundation
import Logging
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// A log of the audit service with its public listener, over real TLS.
struct ShownAuditLog {
  let log: OpenedLog
  private let server: WebServer
  /// Closed, entries from 16,384 on are not answered.
  let gate = Gate()
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
    ) { [gate] request in
      await gate.pass(request.path)
      return await shown.answer(request.path)
    }
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

/// Holds requests back while it is closed.
final class Gate: Sendable {
  private struct State {
    var isOpen = true
    var isReached = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  func close() { state.withLock { $0.isOpen = false } }

  /// Lets go of all that wait.
  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  var isReached: Bool { state.withLock { $0.isReached } }

  func pass(_ path: String) async {
    guard let tile = TilePath(String(path.dropFirst())), tile.content == .entries, tile.index >= 64
    else { return }
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        state.isReached = true
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
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
