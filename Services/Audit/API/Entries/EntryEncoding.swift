import AuditDomain
import AuditStore
import Model
import ServiceRuntime
import TransparencyLog

extension AuditV1.Entry {
  /// Most bytes of entries in one answer, well below the limit of a message.
  static let pageBytes = 3 << 20

  /// The entry as `reader` may see it: the public part, and the details if they are open to it.
  init(
    _ stored: StoredEntry, for reader: LogReader, withForeignDetails: Bool = true
  ) throws {
    let body = stored.body
    self.init(
      index: Int64(stored.index), body: stored.bytes, eventID: body.eventID,
      producer: body.producer, producerSequence: body.producerSequence, kind: body.kind,
      time: body.time, outcome: body.isAccepted ? .accepted : .refused,
      traceparent: body.traceparent)
    guard withForeignDetails || reader.subject != nil else { return }
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

/// Where a page of entries ended, in a list of the log as it was at one size: what is appended meanwhile, such as the
/// note of who reads the list, does not make it longer.
struct EntryPosition {
  let index: Int
  let size: Int

  init(index: Int, size: Int) {
    self.index = index
    self.size = size
  }

  /// Where the page begins; nil for the first. Nothing but their form vouches for tokens: these numbers may be anybody's.
  /// - Throws: `InvalidArgument` when no entry of any log is there.
  init?(_ query: PageQuery) throws(InvalidArgument) {
    guard let key = query.after else { return nil }
    func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
    guard key.count == 16 else { throw .foreignPageToken }
    self.init(index: number(key[..<8]), size: number(key[8...]))
    guard index >= 0, index < .max, size >= 0 else { throw .foreignPageToken }
  }

  /// For a page token.
  var key: [UInt8] {
    [index, size].flatMap { number in
      withUnsafeBytes(of: Int64(number).bigEndian) { Array($0) }
    }
  }
}
