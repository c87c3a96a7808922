// Every limit of what the service runtime takes in or holds.

/// The bounds of a service's database.
package struct DatabaseLimits: Sendable {
  /// Requests that share one commit at most.
  package var writesPerCommit = 1_024
  /// Requests that wait for the writer at most; beyond it calls get RESOURCE_EXHAUSTED.
  package var queuedWrites = 16_384
  /// Connections that read at the same time.
  package var readers = 4
  /// Page cache of each reading connection, in KiB.
  package var cacheKibibytes = 8_192
  /// Page cache of the writer, in KiB.
  package var writerCacheKibibytes = 32_768
  /// Pages in the write-ahead log after which they are moved into the database.
  package var checkpointPages = 4_000
  /// How long to wait for a lock that another process holds, in seconds.
  package var busyTimeoutSeconds = 5.0
  /// Files up to this size are checked page by page at every start; larger ones by header and
  /// schema, so that a big database does not delay its service.
  package var checkedBytes: Int64 = 128 << 20

  package init() {}
  package static let standard = DatabaseLimits()
}

/// The sizes of pages.
package struct PageLimits: Sendable {
  package var defaultSize = 50
  package var maximumSize = 500

  package init() {}
  package static let standard = PageLimits()
}

/// What the audit log takes of one event (`ndx.audit.v1.Event`); kind and payload are bounded by the
/// outbox table.
enum AuditEventLimits {
  static let subjects = 32
  static let subjectScalars = 128
}

/// The bounds of what is sent to the audit log at a time, well under those of AppendEntries.
enum RelayLimits {
  static let eventsPerRequest = 512
  /// Bytes of payload after which a request is closed.
  static let bytesPerRequest = 1 << 20
}

/// The bounds of what a producer has proven at a time.
enum ProofLimits {
  /// Events that leave the outbox in one commit at most.
  static let eventsPerRound = 1_024
  /// Neighbours in the log, proven together, in one round.
  static let runsPerRound = 64
  /// Files of evidence against the log.
  static let evidenceFiles = 100
}

/// The bounds of what is remembered of tokens.
enum TokenLimits {
  /// Verified tokens in each of two generations.
  static let remembered = 8_192
}

/// The bounds of the metrics listener.
enum MetricsLimits {
  /// Bytes of a request's head.
  static let headBytes = 8_192
}
