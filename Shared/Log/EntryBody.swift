package import Model

/// The public part of an entry: all that anyone learns of an event from the log, for ever. Who did
/// it, to whom and with what is only committed to, in `detailsHash`.
///
/// Its bytes are JSON in one form only: these members in this order, without white space; no value
/// needs an escape. An entry of another form is not one of this log.
package struct EntryBody: Sendable, Hashable {
  /// The value of the member `format`.
  package static let format = "ndx.audit.entry/v1"

  package let eventID: EventID
  /// What happened, such as "order.placed".
  package let kind: String
  package let isAccepted: Bool
  /// `EntryDetails.commitment`.
  package private(set) var detailsHash: Digest
  /// The service that reported it.
  package let producer: String
  /// Its place among the producer's events: 1, 2, 3 without a gap.
  package let producerSequence: Int64
  package let time: Timestamp
  /// W3C trace context; empty where there is none.
  package let traceparent: String

  /// - Throws: `LogFormatError.malformed` naming the member that the form has no room for.
  package init(
    eventID: EventID, kind: String, isAccepted: Bool, detailsHash: Digest, producer: String,
    producerSequence: Int64, time: Timestamp, traceparent: String
  ) throws {
    guard Self.isName(kind) else { throw LogFormatError.malformed("kind") }
    guard Self.isName(producer) else { throw LogFormatError.malformed("producer") }
    guard producerSequence >= 1 else { throw LogFormatError.malformed("producer_sequence") }
    guard Self.isTraceparent(traceparent) else { throw LogFormatError.malformed("traceparent") }
    self.eventID = eventID
    self.kind = kind
    self.isAccepted = isAccepted
    self.detailsHash = detailsHash
    self.producer = producer
    self.producerSequence = producerSequence
    self.time = time
    self.traceparent = traceparent
  }

  /// Reads an entry. Throws `LogFormatError.malformed` for anything that `bytes` would not write.
  package init(_ entry: some Collection<UInt8>) throws {
    let entry = Array(entry)
    var reader = TextScanner(entry[...])
    func text(after literal: String, upTo delimiter: String) throws -> String {
      guard reader.skip(literal), let value = reader.text(upTo: delimiter) else {
        throw LogFormatError.malformed("entry")
      }
      return String(decoding: value, as: UTF8.self)
    }
    let hash = try text(after: "{\"details_hash\":\"", upTo: "\"")
    let event = try text(after: ",\"event_id\":\"", upTo: "\"")
    _ = try text(after: ",\"format\":\"", upTo: "\"")
    let kind = try text(after: ",\"kind\":\"", upTo: "\"")
    let outcome = try text(after: ",\"outcome\":\"", upTo: "\"")
    let producer = try text(after: ",\"producer\":\"", upTo: "\"")
    let sequence = try text(after: ",\"producer_sequence\":", upTo: ",")
    let time = try text(after: "\"time\":\"", upTo: "\"")
    let traceparent = try text(after: ",\"traceparent\":\"", upTo: "\"}")
    guard let detailsHash = Digest(hex: hash), let eventID = EventID(event),
      let producerSequence = Int64(sequence), let time = Timestamp(time)
    else { throw LogFormatError.malformed("entry") }
    try self.init(
      eventID: eventID, kind: kind, isAccepted: outcome == "accepted", detailsHash: detailsHash,
      producer: producer, producerSequence: producerSequence, time: time, traceparent: traceparent)
    guard bytes == entry else { throw LogFormatError.malformed("entry") }
  }

  /// The entry as the leaf hash covers it.
  package var bytes: [UInt8] {
    let most = Self.frameBytes + kind.utf8.count + producer.utf8.count + traceparent.utf8.count
    return [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      var writer = EntryWriter(buffer)
      writer.put("{\"details_hash\":\"")
      detailsHash.withBytes { writer.putHex($0) }
      writer.put("\",\"event_id\":\"")
      writer.put(eventID)
      writer.put("\",\"format\":\"ndx.audit.entry/v1\",\"kind\":\"")
      writer.put(kind)
      writer.put(isAccepted ? "\",\"outcome\":\"accepted" : "\",\"outcome\":\"refused")
      writer.put("\",\"producer\":\"")
      writer.put(producer)
      writer.put("\",\"producer_sequence\":")
      writer.put(producerSequence)
      writer.put(",\"time\":\"")
      writer.put(time)
      writer.put("\",\"traceparent\":\"")
      writer.put(traceparent)
      writer.put("\"}")
      count = writer.count
    }
  }
  /// More than all that is the same in every entry, with the longest id, hash, number and time.
  private static let frameBytes = 320

  /// The same entry with another commitment to details.
  package func with(detailsHash: Digest) -> EntryBody {
    var copy = self
    copy.detailsHash = detailsHash
    return copy
  }

  /// Letters, digits, dot, dash and underscore, at most 64.
  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
          UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Lower-case hexadecimal digits and dashes, at most 64; empty where there is none.
  private static func isTraceparent(_ text: String) -> Bool {
    text.utf8.count <= 64
      && text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Hex.lowerCaseDigit($0) != nil }
  }
}
