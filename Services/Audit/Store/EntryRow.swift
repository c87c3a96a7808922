import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// How the members of an entry stand in a row of `entry`.
enum EntryRow {
  /// The members, in the order in which they are read.
  static let columns = """
    entry.kind, entry.time, entry.event_id, entry.producer, entry.producer_sequence, entry.is_refused, entry.traceparent, \
    entry.details_hash, entry.leaf_hash
    """
  static let count: Int32 = 9
}

extension EntryBody {
  /// Reads the columns of `EntryRow`, the first of which is `column`. Nil when no entry has such members.
  init?(_ row: FastStatement, from column: Int32) {
    guard let eventID: EventID = row.id(column + 2), let detailsHash = row.digest(column + 7),
      let trace = Trace.text(row, column + 6)
    else { return nil }
    let isRefused = row.int64(column + 5)
    guard isRefused == 0 || isRefused == 1 else { return nil }
    try? self.init(
      eventID: eventID, kind: row.text(column), isAccepted: isRefused == 0,
      detailsHash: detailsHash, producer: row.text(column + 3),
      producerSequence: row.int64(column + 4),
      time: Timestamp(microseconds: row.int64(column + 1)), traceparent: trace)
  }
}

/// Inserts rows of `entry`, with a statement prepared once. Valid in the function that made it.
struct EntryInsertion {
  private let db: Database
  private let statement: FastStatement

  init(_ db: Database, into table: String = "entry") throws {
    self.db = db
    let conflict = table == "entry" ? "ON CONFLICT (event_id) DO NOTHING" : ""
    statement = try FastStatement(
      db,
      """
      INSERT INTO \(table) (idx, kind, time, event_id, producer, producer_sequence, is_refused, traceparent,
        details_hash, leaf_hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \(conflict)
      """)
  }

  /// False when there is an entry of this event already; nothing has changed then.
  func run(_ body: EntryBody, leafHash: Digest, at index: Int) throws -> Bool {
    statement.bind(Int64(index), at: 0)
    statement.bind(body.kind, at: 1)
    statement.bind(body.time.microseconds, at: 2)
    statement.bind(body.eventID, at: 3)
    statement.bind(body.producer, at: 4)
    statement.bind(body.producerSequence, at: 5)
    statement.bind(body.isAccepted ? 0 : 1, at: 6)
    Trace.bind(body.traceparent, statement, at: 7)
    statement.bind(body.detailsHash, at: 8)
    statement.bind(leafHash, at: 9)
    try statement.run()
    return db.changesCount == 1
  }
}

/// A traceparent as it is stored: the usual form (W3C Trace Context, section 3.2) in half the bytes.
private enum Trace {
  private static let textBytes = 55
  private static let bytes = 26
  private static let dashes = [2, 35, 52]

  static func bind(_ text: String, _ statement: FastStatement, at column: Int32) {
    var text = text
    text.withUTF8 { digits in
      guard !digits.isEmpty else { return statement.bindNull(at: column) }
      withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 1) { packed in
        if pack(digits, into: packed) {
          statement.bind(blob: UnsafeRawBufferPointer(packed), at: column)
        } else {
          statement.bind(String(decoding: digits, as: UTF8.self), at: column)
        }
      }
    }
  }

  private static func pack(
    _ digits: UnsafeBufferPointer<UInt8>, into packed: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard digits.count == textBytes else { return false }
    var place = 0
    var position = 0
    while position < textBytes {
      if dashes.contains(position) {
        guard digits[position] == UInt8(ascii: "-") else { return false }
        position += 1
        continue
      }
      guard let high = Hex.lowerCaseDigit(digits[position]),
        let low = Hex.lowerCaseDigit(digits[position + 1])
      else { return false }
      packed[place] = high << 4 | low
      place += 1
      position += 2
    }
    return true
  }

  /// Nil for a blob of another length.
  static func text(_ row: FastStatement, _ column: Int32) -> String? {
    guard row.isBlob(column) else { return row.text(column) }
    let packed = row.bytes(column)
    guard packed.count == bytes else { return nil }
    return String(unsafeUninitializedCapacity: textBytes) { buffer in
      var position = 0
      for byte in packed {
        if dashes.contains(position) {
          buffer[position] = UInt8(ascii: "-")
          position += 1
        }
        buffer[position] = Hex.character(byte >> 4)
        buffer[position + 1] = Hex.character(byte & 15)
        position += 2
      }
      return position
    }
  }
}
