import AuditStore
import Logging
import Model
import ServiceRuntime
import TransparencyLog

/// A log that has been checked and may be used: what answers calls and what signs.
struct OpenLog {
  let handler: AuditHandler
  let signer: CheckpointSigner

  /// Opens the log in a database. Throws `StartupError` when it is not the log that was signed last,
  /// or when its key is missing.
  init(
    _ configuration: ServiceConfiguration, database: ServiceDatabase,
    revocations: RevocationView, clock: WallClock, logger: Logger
  ) async throws {
    let key = try await LogKey(configuration).signer(for: database)
    let rechecked = try configuration.integer("rechecked-entries", in: 0...100_000_000)
    let interval = try configuration.integer("checkpoint-interval-milliseconds", in: 10...1_000)
    let edge = try await StartupError.reporting(database) {
      try await database.read { db in
        try LogVerifier(db).opening(key.verifierKey, recheckedEntries: rechecked)
      }
    }
    try await database.write { try ErasureTable($0).overwriteWhatIsDeleted() }
    let tree = TreeWriter(edge: edge)
    database.add(tree)
    let head = LogHead(try await database.read { try CheckpointTable($0).latest() })
    handler = AuditHandler(
      database: database,
      transactor: Transactor(database: database, auditing: .local { _, _, _ in }, clock: clock),
      clock: clock, tree: tree, head: head, verifierKey: key.verifierKey,
      revocations: revocations)
    signer = CheckpointSigner(
      database: database, signer: key, head: head, verified: edge,
      interval: .milliseconds(interval), logger: logger)
  }
}
