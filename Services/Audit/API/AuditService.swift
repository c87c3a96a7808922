import AuditStore
import Crypto
package import ServiceRuntime
import Stubs
import TransparencyLog

/// The audit log of the exchange: takes in the events of every service and proves what is in it.
package enum AuditService: ServiceDefinition {
  package static let name = "audit"
  package static let summary =
    "An append-only log of everything that happened, for anyone to check."
  package static let defaultListen = "127.0.0.1:7404"
  package static let migrations = AuditSchema.migrations
  package static let settings = [
    Setting(
      "log-origin", default: "ndx.local/audit",
      help: "Name of the log and of its key: a URL without scheme. Never changes."),
    Setting(
      "log-key-file",
      help: "The log's private key, made at the first start; default DATA-DIRECTORY/log.key."),
    Setting(
      "checkpoint-interval-milliseconds", default: "200",
      help: "Least time between two signed checkpoints, 10 to 1000."),
    Setting(
      "rechecked-entries", default: "65536",
      help: "How many of the newest entries are re-hashed at every start, 0 to 100000000."),
  ]

  /// Audit tells nobody what it does: the log is where it would be told.
  package static func auditing(_ context: TrustContext) async throws -> Auditing {
    .local { _, _, _ in }
  }

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let configuration = context.configuration
    let signer = try await LogKey(configuration).signer(for: context.database)
    let rechecked = try configuration.integer("rechecked-entries", in: 0...100_000_000)
    let interval = try configuration.integer("checkpoint-interval-milliseconds", in: 10...1_000)
    let edge = try await StartupError.reporting(context.database) { db in
      try LogVerifier(db).opening(signer.verifierKey, recheckedEntries: rechecked)
    }
    let tree = TreeWriter(edge: edge)
    context.database.add(tree)
    let head = LogHead(try await context.database.read { try CheckpointTable($0).latest() })
    return ServiceParts(
      methods: LogHandler(
        database: context.database, tree: tree, head: head, verifierKey: signer.verifierKey
      ).methods,
      services: [
        CheckpointSigner(
          database: context.database, signer: signer, head: head, verified: edge,
          interval: .milliseconds(interval), clock: context.clock, logger: context.logger)
      ])
  }
}
