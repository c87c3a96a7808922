/// How one call differs from the channel's defaults.
package struct CallOptions: Sendable {
  /// Time for the whole call, retries included. Nil: the channel's default for unary calls, no limit for streams.
  package var timeout: Duration?
  /// Whether the call waits for a connection until its deadline while every address of the target fails.
  /// Otherwise it then fails with UNAVAILABLE; see `RPCChannelConfiguration.restartAllowance`.
  package var waitForReady: Bool
  /// Whether requests go out gzip-compressed where that makes them shorter. A server that cannot read them answers
  /// UNIMPLEMENTED; one of ours then compresses its responses too. Not for secrets beside text that others choose.
  package var compressesRequests: Bool
  /// Sent with the request, after the channel's own.
  package var metadata: Metadata
  /// Learns what the server sends along with its responses.
  package var received: ReceivedMetadata?
  /// The call being answered: its deadline bounds this one, and its trace and language are passed on.
  package var parent: CallContext?

  package init(
    timeout: Duration? = nil, waitForReady: Bool = false, compressesRequests: Bool = false,
    metadata: Metadata = Metadata(), received: ReceivedMetadata? = nil, parent: CallContext? = nil
  ) {
    self.timeout = timeout
    self.waitForReady = waitForReady
    self.compressesRequests = compressesRequests
    self.metadata = metadata
    self.received = received
    self.parent = parent
  }
}

extension CallOptions {
  var compression: MessageCompression? { compressesRequests ? MessageCompression() : nil }
}

/// Where a channel gets the credentials it adds to each call, such as an access token.
package protocol CallCredentials: Sendable {
  /// Header fields for a call of this method. May itself call a service; an error fails the call.
  func metadata(for method: MethodDescriptor) async throws -> [(String, String)]
}
