package import Logging
package import Model
package import RPC

/// One line per call: at debug level when all is well, as a warning when a unary call was slow.
package struct CallLog: ServerInterceptor {
  private let logger: Logger
  private let slow: Duration

  package init(logger: Logger, slow: Duration) {
    self.logger = logger
    self.slow = slow
  }

  package func after(_ context: CallContext, status: StatusCode, duration: Duration) {
    let isSlow = context.method.kind == .unary && duration >= slow
    logger.log(
      level: isSlow ? .warning : .debug, isSlow ? "slow call" : "call",
      metadata: [
        "method": "\(context.method.path)", "caller": "\(context.caller.name)",
        "status": "\(status)", "milliseconds": "\(duration / .milliseconds(1))",
        "trace": "\(context.trace.traceID)",
      ])
  }

  package func refused(_ method: MethodDescriptor?, from peer: Peer, status: StatusCode) {
    logger.debug(
      "call refused",
      metadata: [
        "method": "\(method?.path ?? "unknown")", "peer": "\(peer.address)",
        "status": "\(status)",
      ])
  }
}
