/// Limits and habits of a channel.
package struct RPCChannelConfiguration: Sendable {
  /// Connections kept open to the target.
  package var maximumConnections = 2
  /// Deadline of unary calls that name none.
  package var defaultTimeout: Duration = .seconds(20)
  /// Time for name lookup, TCP and TLS together.
  package var connectTimeout: Duration = .seconds(5)
  /// Longest response message accepted.
  package var maximumMessageBytes = 4 << 20
  /// Attempts at an idempotent call, the first included.
  package var maximumAttempts = 3
  /// Wait before reconnecting after a failure; doubles up to `maximumBackoff`, each with a jitter of ± 20 %.
  package var initialBackoff: Duration = .milliseconds(50)
  package var maximumBackoff: Duration = .seconds(5)

  /// A connection on which nothing arrives for this long is asked by PING, and closed if it stays silent as long again.
  package var keepaliveInterval: Duration = .seconds(30)

  package init() {}
}
