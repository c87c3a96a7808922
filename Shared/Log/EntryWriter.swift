import Model

/// Writes the bytes of an entry one after the other into memory that is large enough.
struct EntryWriter {
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

  mutating func put(_ literal: StaticString) {
    put(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  mutating func put(_ text: String) {
    var text = text
    text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
  }

  mutating func putHex(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      put(byte: Hex.character(byte >> 4))
      put(byte: Hex.character(byte & 15))
    }
  }

  mutating func put(_ id: EventID) {
    let end = count + 36
    precondition(end <= buffer.count, "an entry is longer than was foreseen")
    if let start = buffer.baseAddress { id.write(utf8: start + count) }
    count = end
  }

  /// In decimal; `number` is not negative.
  mutating func put(_ number: Int64) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { digits in
      var rest = number.magnitude
      var start = digits.count
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      put(UnsafeRawBufferPointer(rebasing: digits[start...]))
    }
  }

  mutating func put(_ time: Timestamp) {
    let rest = UnsafeMutableBufferPointer(rebasing: buffer[count...])
    if let written = time.write(utf8: rest) {
      count += written
    } else {
      put(time.description)
    }
  }

  private mutating func put(byte: UInt8) {
    precondition(count < buffer.count, "an entry is longer than was foreseen")
    buffer[count] = byte
    count += 1
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= buffer.count - count, "an entry is longer than was foreseen")
    guard let start = buffer.baseAddress, let source = bytes.baseAddress else { return }
    UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }
}
