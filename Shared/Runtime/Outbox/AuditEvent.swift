/// What happened, for the audit log. Written in the same transaction as the change it tells of.
package struct AuditEvent: Sendable, Hashable {
  package enum Outcome: String, Sendable, Codable {
    case accepted
    case refused
  }

  /// Noun and past participle, such as "order.placed".
  package var kind: String
  /// What it is about, as "order/<id>", "participant/<id>", …: what the log can be searched by.
  package var subjects: [String]
  package var outcome: Outcome
  /// Who and what, kept beside the log and not in it. Encoded as JSON with sorted keys.
  package var payload: [String: String]

  package init(
    kind: String, subjects: [String], outcome: Outcome = .accepted, payload: [String: String] = [:]
  ) {
    self.kind = kind
    self.subjects = subjects
    self.outcome = outcome
    self.payload = payload
  }
}
