/// Consecutive entries as one resource (c2sp.org/tlog-tiles): each after its length in two bytes,
/// most significant first.
package enum EntryBundle {
  /// Entries must not be longer than `LogLimits.entryBytes`.
  package static func encode(_ entries: some Sequence<[UInt8]>) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
      precondition(entry.count <= LogLimits.entryBytes, "the log takes no longer entry")
      bytes.append(UInt8(entry.count >> 8))
      bytes.append(UInt8(entry.count & 0xFF))
      bytes += entry
    }
    return bytes
  }

  /// The entries of a bundle. Throws `LogFormatError.malformed` when a length exceeds what is there.
  package static func decode(_ bytes: some Collection<UInt8>) throws -> [[UInt8]] {
    var rest = Array(bytes)[...]
    var entries: [[UInt8]] = []
    while let high = rest.popFirst() {
      guard let low = rest.popFirst() else { throw LogFormatError.malformed("entry bundle") }
      let count = Int(high) << 8 | Int(low)
      guard rest.count >= count else { throw LogFormatError.malformed("entry bundle") }
      entries.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return entries
  }
}
