/// Where a server listens and every limit it keeps. The defaults are those of production.
package struct RPCServerConfiguration: Sendable {
  /// Whether a connection without a client certificate is accepted.
  package enum ClientCertificate: Sendable {
    /// The handshake fails without one that the trust anchors vouch for.
    case required
    /// None is asked for: identity's enrolment listener, which also sends its root for fingerprint comparison.
    case notRequested
  }

  package var host: String
  /// 0 lets the system choose; `RPCServer.start()` returns the port.
  package var port: Int
  package var clientCertificate: ClientCertificate

  /// Longest message accepted, checked on its length prefix before anything is allocated.
  package var maximumMessageBytes = 4 << 20
  /// Sum of names and values of a request's header fields, plus 32 each (RFC 9113, 6.5.2).
  package var maximumHeaderListBytes = 16 << 10
  /// Calls one connection may have open at a time.
  package var maximumConcurrentStreams = 256
  /// Bytes of messages held for the calls of one connection: requests that are still arriving or that their handler
  /// has not taken, and answers that the client does not read. A call that exceeds it is refused with RESOURCE_EXHAUSTED.
  package var maximumHeldBytes = 64 << 20
  /// The same over all connections.
  package var maximumHeldBytesInTotal = 512 << 20
  /// Connections open at a time; further ones are closed at once.
  package var maximumConnections = 4096
  /// Connections open at a time from one address.
  package var maximumConnectionsPerAddress = 1024
  /// Connections open at a time of one peer, which is the identity in a certificate or else an address.
  package var maximumConnectionsPerPeer = 256
  /// Connections whose peer has not finished the handshake; a further one pushes out the oldest of them.
  package var maximumHandshakes = 1024
  /// The same, of one address.
  package var maximumHandshakesPerAddress = 256
  /// Handlers running at a time per gRPC service; further calls are refused with RESOURCE_EXHAUSTED and RetryInfo,
  /// before their request is read.
  package var maximumConcurrentCalls = 4096
  /// Handlers running at a time for one peer, over all services and connections; further calls are refused alike.
  package var maximumConcurrentCallsPerPeer = 1024
  /// Whether a call whose request came compressed, and whose caller accepts gzip, is answered compressed; no other call
  /// is. Most clients accept gzip whether or not they want it, so that accepting is no wish. Compressing costs ten
  /// times the rest of a call, and the length of a compressed answer tells an onlooker something of its content:
  /// a caller that compresses has chosen both. A handler may decline, see `CallContext.disableCompression`.
  package var compressesResponses = true
  /// Response bytes that wait for a slow reader, per call, before `ResponseWriter.write` suspends.
  package var outboundBufferBytes = 64 << 10
  /// Time from TCP accept to the peer's first SETTINGS.
  package var handshakeTimeout: Duration = .seconds(5)
  /// Cap on `grpc-timeout`; also the deadline of unary calls that name none, the time for the one request of
  /// other calls to arrive, and for a reader that takes nothing of an answer.
  package var maximumTimeout: Duration = .seconds(300)
  /// Cap on `grpc-timeout` of streaming calls; those that name none have no deadline.
  package var maximumStreamTimeout: Duration = .seconds(24 * 3600)
  /// A connection on which no frame arrives for this long is asked by PING, and closed if it stays silent as long again.
  package var keepaliveInterval: Duration = .seconds(60)
  /// A connection without calls for this long, give or take a keepalive interval, is asked to go (GOAWAY without error).
  package var maximumIdleTime: Duration = .seconds(900)

  package init(
    host: String = "127.0.0.1", port: Int = 0, clientCertificate: ClientCertificate = .required
  ) {
    self.host = host
    self.port = port
    self.clientCertificate = clientCertificate
  }
}
