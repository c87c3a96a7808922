import Crypto
package import Model

/// The private part of an entry: who, about what, and with which content. It is kept beside the log;
/// the entry holds only a salted hash of it, which tells nothing once the salt is gone.
package struct EntryDetails: Sendable, Hashable {
  /// Hashed before salt and details, so that the hash means nothing elsewhere.
  private static let domain = "ndx.audit.details/v1\n"

  /// Who caused the event, such as "participant/<id>"; empty when nobody is named.
  package let actor: String
  /// What it is about, such as "order/<id>".
  package let subjects: [String]
  /// What happened, as its producer wrote it.
  package let payload: [UInt8]

  package init(actor: String, subjects: [String], payload: [UInt8]) {
    self.actor = actor
    self.subjects = subjects
    self.payload = payload
  }

  /// Reads what `bytes` wrote. Throws `LogFormatError.malformed` for anything else.
  package init(_ bytes: [UInt8]) throws {
    var scanner = TextScanner(bytes[...])
    guard scanner.skip("actor "), let actor = scanner.line() else {
      throw LogFormatError.malformed("details")
    }
    var subjects: [String] = []
    while scanner.skip("subject ") {
      guard let subject = scanner.line() else { throw LogFormatError.malformed("details") }
      subjects.append(String(decoding: subject, as: UTF8.self))
    }
    guard scanner.skip("\n") else { throw LogFormatError.malformed("details") }
    self.init(
      actor: String(decoding: actor, as: UTF8.self), subjects: subjects,
      payload: Array(scanner.remaining))
  }

  /// A line with the actor, a line for each subject, an empty line, the payload. No two details have
  /// the same bytes, as actor and subjects are single lines.
  package var bytes: [UInt8] {
    write(after: [])
  }

  private func write(after prefix: [UInt8]) -> [UInt8] {
    let lines = subjects.reduce(actor.utf8.count) { $0 + $1.utf8.count + 9 } + 8
    var bytes: [UInt8] = []
    bytes.reserveCapacity(prefix.count + lines + payload.count)
    bytes += prefix
    bytes += "actor ".utf8
    bytes += actor.utf8
    for subject in subjects {
      bytes += "\nsubject ".utf8
      bytes += subject.utf8
    }
    bytes += "\n\n".utf8
    bytes += payload
    return bytes
  }

  /// SHA-256(domain ‖ salt ‖ details). The salt is random, 32 bytes, and as secret as the details.
  package func commitment(salt: [UInt8]) -> Digest {
    precondition(salt.count == LogLimits.saltBytes, "a salt has 32 bytes")
    return Digest.sha256(of: write(after: Self.domain.utf8 + salt))
  }
}
