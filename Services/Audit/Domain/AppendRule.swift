package import Model
package import TransparencyLog

/// What the log holds under the id of an event.
package struct KnownEvent: Sendable, Hashable {
  package let index: Int
  package let leafHash: Digest
  package let body: EntryBody
  /// Nil once the details have been erased.
  package let salt: [UInt8]?

  package init(index: Int, leafHash: Digest, body: EntryBody, salt: [UInt8]?) {
    self.index = index
    self.leafHash = leafHash
    self.body = body
    self.salt = salt
  }
}

/// Whether an event is taken into the log.
package enum AppendRule {
  package enum Decision: Sendable, Hashable {
    case append
    /// The same event was taken before, and is where it was.
    case known(index: Int, leafHash: Digest)
  }

  /// An event that is in the log is the same one when it has the same public part and, as long as the
  /// salt is there to tell, the same details. Any other event must be the producer's next one.
  ///
  /// - Parameters:
  ///   - known: what the log holds under the event's id, whoever sent it.
  ///   - next: the sequence number that the producer's next event has; 1 for a new producer.
  /// - Throws: `AuditError.eventConflict`, `.sequenceGap`, `.sequenceReused`.
  package static func decide(
    _ candidate: Candidate, known: KnownEvent?, next: Int64
  ) throws(AuditError) -> Decision {
    let body = candidate.body
    if let known {
      guard candidate.isSame(as: known) else { throw .eventConflict(body.eventID) }
      return .known(index: known.index, leafHash: known.leafHash)
    }
    let (producer, received) = (body.producer, body.producerSequence)
    if received > next {
      throw .sequenceGap(producer: producer, expected: next, received: received)
    }
    if received < next {
      throw .sequenceReused(producer: producer, expected: next, received: received)
    }
    return .append
  }
}

extension Candidate {
  fileprivate func isSame(as known: KnownEvent) -> Bool {
    let detailsHash = known.salt.map { details.commitment(salt: $0) } ?? known.body.detailsHash
    return body.with(detailsHash: detailsHash) == known.body
  }
}
