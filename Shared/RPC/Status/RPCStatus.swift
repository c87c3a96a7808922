package import Model

/// The outcome of a call that did not succeed: what a server sends and a client throws.
package struct RPCStatus: Error, Sendable, Hashable, CustomStringConvertible {
  package let code: StatusCode
  /// For people who read logs; not translated.
  package let message: String
  package var details: ErrorDetails? { box?.details }
  private let box: DetailsBox?

  package init(code: StatusCode, message: String, details: ErrorDetails? = nil) {
    self.code = code
    self.message = message
    box = details.map(DetailsBox.init)
  }

  package var description: String {
    details.map { "\(code) \($0.reason): \(message)" } ?? "\(code): \(message)"
  }
}

/// Keeps a status small: most have no details, and outcomes are passed about.
private final class DetailsBox: Sendable, Hashable {
  let details: ErrorDetails

  init(_ details: ErrorDetails) { self.details = details }

  static func == (left: DetailsBox, right: DetailsBox) -> Bool { left.details == right.details }

  func hash(into hasher: inout Hasher) { hasher.combine(details) }
}

/// The parts of `google.rpc` that travel in `grpc-status-details-bin`.
package struct ErrorDetails: Sendable, Hashable {
  /// Stable UPPER_SNAKE reason within `domain` (ErrorInfo).
  package let reason: String
  /// Such as `ndx.settlement` (ErrorInfo).
  package let domain: String
  package let metadata: [String: String]
  /// Fields of the request that break a rule (BadRequest).
  package let violations: [FieldViolation]
  /// Text for the caller's user, in the language asked for (LocalizedMessage).
  package let localizedMessage: String?
  /// The language of `localizedMessage` and of the violations.
  package let language: Language
  /// Set where repeating the call later may help (RetryInfo).
  package let retryAfterMilliseconds: Int64?

  package init(
    reason: String, domain: String, metadata: [String: String] = [:],
    violations: [FieldViolation] = [], localizedMessage: String? = nil,
    language: Language = .en, retryAfterMilliseconds: Int64? = nil
  ) {
    self.reason = reason
    self.domain = domain
    self.metadata = metadata
    self.violations = violations
    self.localizedMessage = localizedMessage
    self.language = language
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}
