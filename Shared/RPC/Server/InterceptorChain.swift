import Model

/// The interceptors of a server, run around each call.
struct InterceptorChain: Sendable {
  private let interceptors: [any ServerInterceptor]

  init(_ interceptors: [any ServerInterceptor]) { self.interceptors = interceptors }

  /// Runs the first steps in order. `entered` counts those that ran, the throwing one included.
  func before(_ context: inout CallContext, entered: inout Int) throws {
    for interceptor in interceptors {
      entered += 1
      try interceptor.before(&context)
    }
  }

  /// Tells all interceptors of a call that ended before it reached them.
  func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode) {
    for interceptor in interceptors { interceptor.refused(method, from: peer, status: status) }
  }

  /// Runs the last steps of the first `entered` interceptors, in reverse order.
  func after(_ context: CallContext, entered: Int, status: StatusCode, duration: Duration) {
    for interceptor in interceptors.prefix(entered).reversed() {
      interceptor.after(context, status: status, duration: duration)
    }
  }
}
