import AuditDomain
import AuditStore
import Model
import TransparencyLog

extension AuditV1.Entry {
  /// Most bytes of entries in one answer, well below the limit of a message.
  static let pageBytes = 3 << 20

  /// The entry as `reader` may see it: the public part, and the details if they are open to it.
  init(_ stored: StoredEntry, for reader: LogReader) throws {
    let body = stored.body
    self.init(
      index: Int64(stored.index), body: stored.bytes, eventID: body.eventID,
      producer: body.producer, producerSequence: body.producerSequence, kind: body.kind,
      time: body.time, outcome: body.isAccepted ? .accepted : .refused,
      traceparent: body.traceparent)
    guard let (details, salt) = try stored.details(), reader.mayRead(details) else { return }
    actor = details.actor
    subjects = details.subjects
    payload = details.payload
    payloadSalt = salt
  }

  /// About how many bytes it takes in an answer.
  var approximateBytes: Int {
    body.count + payload.count + subjects.reduce(0) { $0 + $1.utf8.count + 4 } + 512
  }
}

/// The key of an entry in a page token.
enum EntryPosition {
  static func key(_ index: Int64) -> [UInt8] {
    withUnsafeBytes(of: index.bigEndian) { Array($0) }
  }

  /// Nil for a key that is not one of ours, which `PageQuery` has ruled out.
  static func index(_ key: [UInt8]) -> Int? {
    guard key.count == 8 else { return nil }
    return Int(key.reduce(Int64(0)) { $0 << 8 | Int64($1) })
  }
}
