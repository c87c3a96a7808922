package import Model

/// A check or measurement around every call of a server. Both steps run on the connection's event loop and must not block.
/// Calls that are refused before there is a handler to run, such as those of unknown methods, are not seen.
package protocol ServerInterceptor: Sendable {
  /// Runs in order before the handler. A thrown error ends the call; later interceptors and the handler do not run.
  func before(_ context: inout CallContext) throws

  /// Runs in reverse order once the outcome is known, for every interceptor whose `before` returned or threw.
  func after(_ context: CallContext, status: StatusCode, duration: Duration)
}

extension ServerInterceptor {
  package func before(_ context: inout CallContext) throws {}
  package func after(_ context: CallContext, status: StatusCode, duration: Duration) {}
}
