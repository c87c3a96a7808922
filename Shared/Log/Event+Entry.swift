package import Model

extension EntryDetails {
  /// The private part of the entry of an event.
  package init(_ event: AuditV1.Event) {
    self.init(actor: event.actor, subjects: event.subjects, payload: event.payload)
  }
}

extension EntryBody {
  /// The public part of the entry of an event.
  /// - Throws: `LogFormatError.malformed` naming the member that the form has no room for.
  package init(_ event: AuditV1.Event, producer: String, detailsHash: Digest) throws {
    try self.init(
      eventID: event.eventID, kind: event.kind, isAccepted: event.outcome == .accepted,
      detailsHash: detailsHash, producer: producer, producerSequence: event.producerSequence,
      time: event.time, traceparent: event.traceparent)
  }
}
