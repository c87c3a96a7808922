/// Every limit that a web client keeps.
package struct WebClientConfiguration: Sendable {
  /// For name lookup, TCP and TLS together.
  package var connectTimeout: Duration = .seconds(5)
  /// From the call to the last byte of the answer, connecting included.
  package var requestTimeout: Duration = .seconds(30)
  /// Bytes of an answer's status line and header fields.
  package var maximumHeadBytes = 16 << 10
  package var maximumBodyBytes = 1 << 20
  /// Time after which a connection that waits for a request is closed. Servers close theirs after some more.
  package var idleTimeout: Duration = .seconds(10)
  /// Connections kept for later requests.
  package var maximumIdleConnections = 4

  package init() {}
}

/// How a web server proves who it is.
package enum WebTrust: Sendable {
  /// By a certificate for the DNS name or IP address in its address (RFC 9525), under these roots (PEM) or, if nil,
  /// those of the system.
  case roots(pem: String?)
  /// As services of the exchange do: under its trust anchors, with the expected SPIFFE id. No certificate is shown.
  case exchange(TLSContextStore, PeerExpectation)
}
