package import Model

/// A check or measurement around every call of a server. Both steps run on the connection's event loop and must not block.
package protocol ServerInterceptor: Sendable {
  /// Runs in order before the handler. A thrown error ends the call; later interceptors and the handler do not run.
  func before(_ context: inout CallContext) throws

  /// Runs in reverse order once the outcome is known, for every interceptor whose `before` returned or threw.
  func after(_ context: CallContext, status: StatusCode, duration: Duration)

  /// A call ended before it reached the interceptors: not gRPC, malformed, of an unknown method, too long, or late.
  /// - Parameter method: nil when no method of that path is known. The path itself is the caller's invention.
  func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode)
}

extension ServerInterceptor {
  package func before(_ context: inout CallContext) throws {}
  package func after(_ context: CallContext, status: StatusCode, duration: Duration) {}
  package func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode) {}
}
