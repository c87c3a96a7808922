package import Codec

/// Writes the requests of a client-streaming or bidirectional call. It may be passed to child tasks; messages keep the
/// order of their writes.
package struct RequestWriter<Request: WireMessage>: Sendable {
  private let call: ClientCall
  private let compression: MessageCompression?

  init(_ call: ClientCall, _ compression: MessageCompression?) {
    self.call = call
    self.compression = compression
  }

  /// Hands one message to the connection.
  ///
  /// Suspends while the server does not read: at most `RPCChannelConfiguration.outboundBufferBytes` and one message
  /// wait per call. Once the call has ended throws the `RPCStatus` with which it failed, or one with `.cancelled` when
  /// it succeeded without wanting more.
  package func write(_ request: Request) async throws {
    let framed = MessageFrame.framed(request)
    try await call.write(compression?.apply(to: framed) ?? framed)
  }

  /// Tells the server that no more requests follow. Nothing may be written afterwards.
  package func finish() { call.finishSending() }
}
