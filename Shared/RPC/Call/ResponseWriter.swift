package import Codec

/// Writes the responses of a streaming call. A handler may pass it to child tasks; messages keep the order of their writes.
package struct ResponseWriter<Response: WireMessage>: Sendable {
  private let outbound: OutboundMessages
  private let compression: MessageCompression?

  init(_ outbound: OutboundMessages, _ compression: MessageCompression?) {
    self.outbound = outbound
    self.compression = compression
  }

  /// Hands one message to the connection.
  ///
  /// Suspends while the peer does not read: at most `RPCServerConfiguration.outboundBufferBytes` and one message wait
  /// per call. Throws `RPCStatus` with `.cancelled` once the call has ended (cancelled, deadline, connection lost).
  package func write(_ response: Response) async throws {
    let framed = MessageFrame.framed(response)
    try await outbound.write(compression?.apply(to: framed) ?? framed)
  }
}
