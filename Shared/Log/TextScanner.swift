/// Reads a text of lines byte by byte, so that no rule of Unicode can make two texts look the same.
struct TextScanner {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }
  var remaining: ArraySlice<UInt8> { rest }

  /// The next line without its newline; nil when no newline is left.
  mutating func line() -> ArraySlice<UInt8>? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }

  /// Whether `literal` comes next; it is skipped then.
  mutating func skip(_ literal: String) -> Bool {
    guard rest.starts(with: literal.utf8) else { return false }
    rest = rest.dropFirst(literal.utf8.count)
    return true
  }

  /// What comes before the next `delimiter`, which is skipped as well; nil when there is none.
  mutating func text(upTo delimiter: String) -> ArraySlice<UInt8>? {
    guard let first = delimiter.utf8.first else { return nil }
    var start = rest.startIndex
    while let candidate = rest[start...].firstIndex(of: first) {
      if rest[candidate...].starts(with: delimiter.utf8) {
        defer { rest = rest[(candidate + delimiter.utf8.count)...] }
        return rest[..<candidate]
      }
      start = candidate + 1
    }
    return nil
  }
}
