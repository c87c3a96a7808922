/// An error that callers may see. One enum per domain conforms, so that the compiler forces every
/// case to have a status, a stable reason and both texts; the RPC layer maps it to the wire.
package protocol DomainError: Error, Sendable {
  /// The domain of the reasons, such as "ndx.settlement".
  static var domain: String { get }
  var status: StatusCode { get }
  /// Stable, in UPPER_SNAKE_CASE; what programs decide by.
  var reason: String { get }
  /// What people read. Never carries internals or secrets.
  var text: Text { get }
  /// Facts that belong to the reason.
  var metadata: [String: String] { get }
  /// The fields of the request that were at fault.
  var violations: [FieldViolation] { get }
  /// How long to wait before a retry that may help; nil if none does.
  var retryAfterMilliseconds: Int64? { get }
}

extension DomainError {
  package var metadata: [String: String] { [:] }
  package var violations: [FieldViolation] { [] }
  package var retryAfterMilliseconds: Int64? { nil }
}

/// One field of a request that breaks a rule.
package struct FieldViolation: Sendable, Hashable {
  /// Path in the names of the proto, such as "offer.split[2].weight"; empty for the whole message.
  package let field: String
  /// The rule that is broken, such as "required" or "string.max_len".
  package let rule: String
  package let text: Text

  package init(field: String, rule: String, text: Text) {
    self.field = field
    self.rule = rule
    self.text = text
  }
}

/// A request whose content is not acceptable whatever the state: INVALID_ARGUMENT, never recorded.
package struct InvalidArgument: DomainError, Hashable {
  package static let domain = "ndx"

  /// Never empty.
  package let violations: [FieldViolation]

  package init(_ first: FieldViolation, _ others: [FieldViolation] = []) {
    violations = [first] + others
  }

  package init(field: String, rule: String, text: Text) {
    self.init(FieldViolation(field: field, rule: rule, text: text))
  }

  package var status: StatusCode { .invalidArgument }
  package var reason: String { "INVALID_FIELD" }
  package var text: Text {
    let first = violations[0]
    let place = first.field.isEmpty ? "" : "\(first.field): "
    return Text(vi: place + first.text.vi, en: place + first.text.en)
  }
}
