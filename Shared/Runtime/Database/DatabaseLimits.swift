/// The bounds of a service's database.
package struct DatabaseLimits: Sendable {
  /// Requests that share one commit at most.
  package var writesPerCommit = 1_024
  /// Requests that wait for the writer at most; beyond it calls get RESOURCE_EXHAUSTED.
  package var queuedWrites = 16_384
  /// Connections that read at the same time.
  package var readers = 4
  /// Page cache of each connection, in KiB.
  package var cacheKibibytes = 8_192
  /// How long to wait for a lock that another process holds, in seconds.
  package var busyTimeoutSeconds = 5.0
  /// Files up to this size are checked page by page at every start; larger ones by header and
  /// schema, so that a big database does not delay its service.
  package var checkedBytes: Int64 = 128 << 20

  package init() {}
  package static let standard = DatabaseLimits()
}
