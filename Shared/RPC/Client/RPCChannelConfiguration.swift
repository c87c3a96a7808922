/// Limits and habits of a channel.
package struct RPCChannelConfiguration: Sendable {
  /// Connections kept open to each address of the target.
  package var maximumConnections = 2
  /// Calls on every connection to an address from which on another connection is opened.
  package var busyCalls = 64
  /// Deadline of unary calls that name none.
  package var defaultTimeout: Duration = .seconds(20)
  /// Time for TCP, TLS and HTTP/2's settings together.
  package var connectTimeout: Duration = .seconds(5)
  /// Longest response message accepted, checked on its length prefix before anything is allocated.
  package var maximumMessageBytes = 4 << 20
  /// Bytes of requests that wait for a slow server, per call, before `RequestWriter.write` suspends.
  package var outboundBufferBytes = 64 << 10
  /// Attempts at a call that may be repeated, the first included.
  package var maximumAttempts = 5
  /// Wait before reconnecting to an address after a failure; doubles up to `maximumBackoff`, each with a jitter of
  /// ± 20 %. Also the wait before a call is repeated, which doubles likewise.
  package var initialBackoff: Duration = .milliseconds(50)
  package var maximumBackoff: Duration = .seconds(5)
  /// For this long after the last connection was lost, calls wait for the server to come back, within their deadlines,
  /// as it may be restarting. After that, and when there never was a connection, they fail at once
  /// while no address accepts one.
  package var restartAllowance: Duration = .seconds(3)
  /// A connection on which nothing arrives for this long is asked by PING, and closed if it stays silent as long again.
  /// Doubles when the server says that it is asked too often (GOAWAY with ENHANCE_YOUR_CALM).
  package var keepaliveInterval: Duration = .seconds(30)

  package init() {}
}
