import Crypto
package import Model
package import TransparencyLog

/// The key of one subject: erasing it makes everything sealed with it unreadable for ever.
package struct SubjectKey: Sendable, Hashable {
  package let id: Int64
  private let key: [UInt8]

  /// `key` has 32 bytes.
  package init(id: Int64, key: [UInt8]) {
    self.id = id
    self.key = key
  }

  /// A new random key.
  package static func makeBytes() -> [UInt8] { Random.bytes(32) }

  /// AES-256-GCM under the subject's key, bound to the event.
  package func seal(_ details: EntryDetails, of event: EventID) throws -> [UInt8] {
    try AES256GCM(key: key).seal(details.bytes, authenticating: event.bytes)
  }

  /// Throws when it was sealed with another key or for another event, or was altered.
  package func open(_ sealed: [UInt8], of event: EventID) throws -> EntryDetails {
    try EntryDetails(AES256GCM(key: key).open(sealed, authenticating: event.bytes))
  }

  /// Whose key seals the details of an event: the first participant it is about, else the participant
  /// who caused it, else its first subject, else its producer.
  package static func holder(of details: EntryDetails, producer: String) -> String {
    let people = (details.subjects + [details.actor]).filter { $0.hasPrefix("participant/") }
    return people.first ?? details.subjects.first ?? "service/\(producer)"
  }
}
