/// A UUID that names one kind of thing: 16 bytes in memory, canonical lower-case text on the wire.
///
/// `Entity` only tells kinds apart for the compiler; it has no values.
package struct Identifier<Entity>: Hashable, Sendable {
  /// Bytes 0 to 7, most significant first.
  package let high: UInt64
  /// Bytes 8 to 15, most significant first.
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  // Inlinable, as is the hash, for the tables of other modules: the ledger looks ids up a dozen times a transfer.
  @inlinable package static func == (left: Self, right: Self) -> Bool {
    left.high == right.high && left.low == right.low
  }

  @inlinable package func hash(into hasher: inout Hasher) {
    hasher.combine(high)
    hasher.combine(low)
  }

  /// Accepts the canonical form of RFC 9562 alone: 36 characters, lower case, dashes in place.
  package init?(_ text: some StringProtocol) {
    var text = String(text)
    guard let parsed = text.withUTF8({ Self(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = parsed
  }

  /// The same as `init(_:)` for UTF-8 bytes.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 36, bytes[8] == Self.dash, bytes[13] == Self.dash,
      bytes[18] == Self.dash, bytes[23] == Self.dash
    else { return nil }
    func four(_ offset: Int) -> UInt64 {
      UInt64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).bigEndian)
    }
    var wrong: UInt64 = 0
    let first = Hex.decode(eight: four(0) << 32 | four(4), wrong: &wrong)
    let second = Hex.decode(eight: four(9) << 32 | four(14), wrong: &wrong)
    let third = Hex.decode(eight: four(19) << 32 | four(24), wrong: &wrong)
    let fourth = Hex.decode(eight: four(28) << 32 | four(32), wrong: &wrong)
    guard wrong == 0 else { return nil }
    self.init(high: first << 32 | second, low: third << 32 | fourth)
  }

  private static var dash: UInt8 { UInt8(ascii: "-") }

  /// Takes the 16 bytes that `bytes` gives; nil for any other number.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    for (index, byte) in bytes.enumerated() {
      if index < 8 {
        halves.0 = halves.0 << 8 | UInt64(byte)
      } else {
        halves.1 = halves.1 << 8 | UInt64(byte)
      }
    }
    self.init(high: halves.0, low: halves.1)
  }

  /// A new UUIDv7: milliseconds and their fraction first, so that ids sort by time, then 62 random bits.
  package static func make(at time: Timestamp) -> Self {
    let microseconds = UInt64(max(0, time.microseconds))
    let (milliseconds, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000)
    let fraction = remainder * 4_096 / 1_000
    var generator = SystemRandomNumberGenerator()
    let random = generator.next()
    return Self(
      high: milliseconds << 16 | 0x7000 | fraction, low: random >> 2 | 0x8000_0000_0000_0000)
  }

  /// The 16 bytes, in the order they print.
  package var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      raw.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
      raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      count = 16
    }
  }

  /// Writes the canonical text, 36 bytes, to the start of `destination`.
  package func write(utf8 destination: UnsafeMutablePointer<UInt8>) {
    let raw = UnsafeMutableRawPointer(destination)
    func put(_ value: UInt64, _ first: Int, _ second: Int) {
      let digits = Hex.encode(eight: UInt32(truncatingIfNeeded: value))
      raw.storeBytes(
        of: UInt32(truncatingIfNeeded: digits >> 32).bigEndian, toByteOffset: first,
        as: UInt32.self)
      raw.storeBytes(
        of: UInt32(truncatingIfNeeded: digits).bigEndian, toByteOffset: second, as: UInt32.self)
    }
    put(high >> 32, 0, 4)
    put(high, 9, 14)
    put(low >> 32, 19, 24)
    put(low, 28, 32)
    destination[8] = Self.dash
    destination[13] = Self.dash
    destination[18] = Self.dash
    destination[23] = Self.dash
  }
}

extension Identifier: Comparable {
  @inlinable package static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

extension Identifier: CustomStringConvertible {
  /// The canonical text.
  package var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      write(utf8: start)
      return 36
    }
  }
}

extension Identifier: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not a canonical lower-case UUID")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
