import AuditStore
package import ServiceRuntime
import Stubs

/// The audit log of the exchange: takes in the events of every service and proves what is in it.
package enum AuditService: ServiceDefinition {
  package static let name = "audit"
  package static let summary =
    "An append-only log of everything that happened, for anyone to check."
  package static let defaultListen = "127.0.0.1:7404"
  package static let migrations = AuditSchema.migrations
  package static let settings =
    [
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
        "rechecked-entries", default: "16384",
        help: "How many of the newest entries are re-hashed at every start, 0 to 100000000."),
      Setting(
        "proof-memory-mebibytes", default: "128",
        help: "Memory for nodes that proofs are made from, 1 to 65536; 64 bytes hold an entry's."),
    ] + PublicLogService.settings + WitnessSettings.settings

  /// Audit tells nobody what it does: the log is where it would be told.
  package static func auditing(_ context: TrustContext) async throws -> Auditing {
    .local { _, _, _ in }
  }

  package static func assemble(_ context: ServiceContext) async throws -> ServiceParts {
    let log = try await OpenLog(
      context.configuration, database: context.database, revocations: context.revocations,
      clock: context.clock, logger: context.logger)
    let reading = try PublicLogService(
      PublicLog(database: context.database, head: log.handler.head, board: log.handler.board),
      context)
    let collector = log.collector.map { [$0] } ?? []
    return ServiceParts(
      methods: log.handler.methods, services: [log.signer, reading] + collector)
  }
}
