import AuditStore
import GRDB
import Logging
import Model
import RPC
import ServiceRuntime
import TestSupport
import TransparencyLog

@testable import AuditAPI

/// The log in a folder, opened the way the service opens it, with its signer running. Close it and
/// open the folder again to restart.
final class OpenedLog: Sendable {
  let directory: TemporaryDirectory
  let database: ServiceDatabase
  let handler: AuditHandler
  let signing: Task<Void, any Error>

  init(
    _ directory: TemporaryDirectory, settings: [String: String] = [:], clock: WallClock = .system
  ) async throws {
    self.directory = directory
    let configuration = try await ServiceConfiguration.test(
      AuditService.self, directory: directory, trustDomain: "test.ndx",
      settings: ["checkpoint-interval-milliseconds": "10"].merging(settings) { $1 })
    let logger = Logger(label: "audit") { JSONLogHandler(label: $0, level: .critical) }
    database = try ServiceDatabase(
      at: directory.file("audit.sqlite"), service: "audit", migrations: AuditSchema.migrations,
      logger: logger)
    do {
      let log = try await OpenLog(
        configuration, database: database,
        revocations: RevocationView(isAuthoritative: true, clock: .system), clock: clock,
        logger: logger)
      handler = log.handler
      let (signer, collector) = (log.signer, log.collector)
      signing = Task {
        try await withThrowingTaskGroup { group in
          group.addTask { try await signer.run() }
          if let collector { group.addTask { try await collector.run() } }
          defer { group.cancelAll() }
          for try await _ in group {}
        }
      }
    } catch {
      await database.close()
      throw error
    }
  }

  func close() async {
    signing.cancel()
    _ = await signing.result
    await database.close()
  }

  @discardableResult
  func append(
    _ events: [AuditV1.Event], as producer: String = "settlement"
  ) async throws -> [AuditV1.AppendReceipt] {
    try await handler.appendEntries(
      AuditV1.AppendEntriesRequest(events: events), .test(caller: .service(name: producer))
    ).receipts
  }

  /// The newest checkpoint that covers `size`, believed only with its signature.
  func checkpoint(covering size: Int = 0) async throws -> Checkpoint {
    let signed = try await handler.head.covering(size)
    return try Checkpoint.verified(signed.note.utf8, with: handler.verifierKey)
  }

  func receipt(_ target: AuditV1.GetReceiptRequest.Target) async throws -> Receipt.Verified {
    let response = try await handler.getReceipt(
      AuditV1.GetReceiptRequest(target: target), .test())
    return try Receipt(proof: response.proof.utf8, entry: response.entry)
      .verify(with: handler.verifierKey)
  }

  func size() async throws -> Int { try await database.read { try EntryTable($0).size() } }
}

/// Changes a closed log's database behind its back.
func alter(_ directory: TemporaryDirectory, _ statements: [String]) throws {
  let queue = try DatabaseQueue(path: directory.file("audit.sqlite"))
  try queue.write { db in
    try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
    for statement in statements { try db.execute(sql: statement) }
  }
  try queue.close()
}
