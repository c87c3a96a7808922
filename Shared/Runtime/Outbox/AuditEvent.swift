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

  /// Whether the audit log takes it. One that it refused would hold up all that come after it.
  var isWellFormed: Bool {
    let nameCharacters = kind.utf8.allSatisfy { byte in
      (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2e || byte == 0x5f
    }
    return nameCharacters && !kind.hasPrefix(".") && !kind.hasPrefix("_")
      && subjects.count <= AuditEventLimits.subjects
      && subjects.allSatisfy { subject in
        !subject.isEmpty && subject.unicodeScalars.count <= AuditEventLimits.subjectScalars
          && subject.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      }
  }
}

/// A service made an event that the audit log does not take: a mistake in the service.
enum OutboxError: Error {
  case malformed(AuditEvent)
}
