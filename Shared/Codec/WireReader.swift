/// Steps through protobuf's encoding without leaving the bytes.
struct WireReader {
  enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case bytes = 2
    case fixed32 = 5
  }

  struct Tag {
    let number: UInt32
    let type: WireType
  }

  private let start: UnsafeRawPointer?
  private let count: Int
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress
    count = bytes.count
  }

  var isAtEnd: Bool { position == count }

  /// A field number from 1 to 2^29 - 1 in at most five bytes, and a wire type that is not a group's.
  mutating func tag() throws(RuleFailure) -> Tag {
    let before = position
    let value = try varint()
    guard position - before <= 5, value <= UInt64(UInt32.max), value >> 3 != 0 else {
      throw .malformed
    }
    guard let type = WireType(rawValue: UInt8(truncatingIfNeeded: value & 7)) else {
      throw value & 7 <= 4 ? .group : .malformed
    }
    return Tag(number: UInt32(truncatingIfNeeded: value >> 3), type: type)
  }

  /// At most ten bytes; bits above the 64th are refused. Most are one byte.
  @inline(__always)
  mutating func varint() throws(RuleFailure) -> UInt64 {
    guard position < count, let byte = start?.load(fromByteOffset: position, as: UInt8.self) else {
      throw .malformed
    }
    guard byte >= 128 else {
      position += 1
      return UInt64(byte)
    }
    return try longVarint()
  }

  private mutating func longVarint() throws(RuleFailure) -> UInt64 {
    guard let start else { throw .malformed }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < count {
      let byte = start.load(fromByteOffset: position, as: UInt8.self)
      position += 1
      if shift == 63, byte > 1 { throw .malformed }
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    throw .malformed
  }

  @inline(__always)
  mutating func bytes() throws(RuleFailure) -> UnsafeRawBufferPointer {
    let length = try varint()
    guard length <= UInt64(count - position) else { throw .malformed }
    let bytes = UnsafeRawBufferPointer(start: start.map { $0 + position }, count: Int(length))
    position += Int(length)
    return bytes
  }

  mutating func skip(_ type: WireType) throws(RuleFailure) {
    switch type {
    case .varint: _ = try varint()
    case .fixed64: try advance(8)
    case .bytes: _ = try bytes()
    case .fixed32: try advance(4)
    }
  }

  private mutating func advance(_ bytes: Int) throws(RuleFailure) {
    guard bytes <= count - position else { throw .malformed }
    position += bytes
  }

  /// How many fields of this number there are before the one that `failed` has read, or has failed
  /// to read; used to name the place of a failure.
  func occurrences(of number: UInt32, before failed: WireReader) -> Int {
    var reader = self
    var seen = 0
    while reader.position < failed.position, let tag = try? reader.tag() {
      if tag.number == number { seen += 1 }
      guard (try? reader.skip(tag.type)) != nil else { break }
    }
    return max(0, seen - 1)
  }
}
