package import Codec
package import Logging
import Model

/// Calls one target over a small pool of mutually authenticated connections, opened when first needed.
/// Errors of calls are `RPCStatus`.
package final class RPCChannel: Sendable {
  /// - Parameters:
  ///   - target: `host:port`; an IPv6 host stands in brackets.
  ///   - expecting: who the server must be; checked in the handshake.
  package init(
    target: String, tls: TLSContextStore, expecting: PeerExpectation,
    credentials: (any CallCredentials)? = nil,
    configuration: RPCChannelConfiguration = RPCChannelConfiguration(),
    logger: Logger? = nil
  ) {
  }

  /// One request, one response.
  package func unary<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) async throws -> Response {
    throw RPCStatus(code: .unimplemented, message: "not yet")
  }

  /// One request, a stream of responses. The call starts when the first response is asked for.
  package func serverStreaming<Request: WireMessage, Response: WireMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
  ) -> ResponseStream<Response> {
    ResponseStream()
  }

  /// Ends open calls with CANCELLED and closes the connections. Later calls fail with UNAVAILABLE.
  package func close() async {}
}
