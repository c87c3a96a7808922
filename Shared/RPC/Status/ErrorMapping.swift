import Logging
package import Model

/// The one place where errors become what a caller sees.
struct ErrorMapping: Sendable {
  let logger: Logger

  /// A domain's error keeps its status, reason and texts; anything that is not meant for callers becomes
  /// INTERNAL without detail and is logged.
  func status(for error: any Error, of method: MethodDescriptor, _ context: CallContext)
    -> RPCStatus
  {
    switch error {
    case let status as RPCStatus: return status
    case let fault as MessageFault:
      return RPCStatus(CallRefusal(fault), language: context.language)
    case let error as any DomainError: return RPCStatus(error, language: context.language)
    case is CancellationError: return RPCStatus(code: .cancelled, message: "the call was cancelled")
    default:
      logger.error(
        "call failed",
        metadata: [
          "method": "\(method.path)", "trace": "\(context.trace.traceID)", "error": "\(error)",
        ])
      return RPCStatus(code: .internal, message: "internal error")
    }
  }
}

extension RPCStatus {
  /// A domain's error as it is sent: the message in English for logs, the localised text in the caller's language.
  package init(_ error: any DomainError, language: Language) {
    self.init(
      code: error.status, message: error.text[.en],
      details: ErrorDetails(
        reason: error.reason, domain: type(of: error).domain, metadata: error.metadata,
        violations: error.violations, localizedMessage: error.text[language], language: language,
        retryAfterMilliseconds: error.retryAfterMilliseconds))
  }
}
