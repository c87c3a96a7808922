import Crypto
package import Model
package import TransparencyLog

/// An event made ready for the log: everything about it that does not depend on what the log holds.
package struct Candidate: Sendable, Hashable {
  package let body: EntryBody
  package let details: EntryDetails
  /// Random; hides the details behind their hash.
  package let salt: [UInt8]
  /// The entry, as it will be hashed and published.
  package let entry: [UInt8]
  package let leafHash: Digest
  /// Whose key seals the details.
  package let holder: String
  private var sealing: Sealing?

  private struct Sealing: Hashable {
    let key: SubjectKey
    let ciphertext: [UInt8]
  }

  /// - Parameter field: where the event stands in the request, for error messages.
  /// - Throws: `InvalidArgument` for what an entry has no form for.
  package init(
    _ event: AuditV1.Event, producer: String, salt: [UInt8] = Random.bytes(LogLimits.saltBytes),
    field: String = "event"
  ) throws {
    guard event.subjects.allSatisfy({ !$0.isEmpty }) else {
      throw InvalidArgument(
        field: "\(field).subjects", rule: "string.min_len",
        text: Text(vi: "không được có phần tử rỗng", en: "must not have an empty item"))
    }
    details = EntryDetails(event)
    holder = SubjectKey.holder(of: details, producer: producer)
    self.salt = salt
    do {
      body = try EntryBody(
        event, producer: producer, detailsHash: details.commitment(salt: salt))
    } catch LogFormatError.malformed(let member) {
      throw InvalidArgument(
        field: "\(field).\(member)", rule: "string.format",
        text: Text(vi: "sai định dạng", en: "is malformed"))
    }
    entry = body.bytes
    leafHash = MerkleHash.leaf(entry)
  }
}

extension Candidate {
  /// What the log holds of the event when it takes it in at an index.
  package func known(at index: Int) -> KnownEvent {
    KnownEvent(index: index, leafHash: leafHash, body: body, salt: salt)
  }

  /// Seals the details with what is likely to be their holder's key when they are stored.
  package mutating func seal(with key: SubjectKey) throws {
    sealing = Sealing(key: key, ciphertext: try key.seal(details, of: body.eventID))
  }

  /// The details under their holder's key, which it must be now.
  package func sealed(with key: SubjectKey) throws -> [UInt8] {
    if let sealing, sealing.key == key { return sealing.ciphertext }
    return try key.seal(details, of: body.eventID)
  }
}
