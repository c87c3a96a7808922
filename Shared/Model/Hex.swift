/// Hexadecimal digits in lower case.
package enum Hex {
  /// The value of a digit 0-9 or a-f; nil for any other byte, upper case included.
  package static func lowerCaseDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  /// The digit of a value below 16.
  package static func character(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The number that eight lower-case digits write, all at once. The first digit stands in the most significant byte.
  /// Sets bits of `wrong` if one is not a digit.
  @inline(__always)
  static func decode(eight text: UInt64, wrong: inout UInt64) -> UInt64 {
    let letters = text >> 6 & 0x0101_0101_0101_0101
    let values = (text & 0x0f0f_0f0f_0f0f_0f0f) &+ letters &* 9
    wrong |= (values & 0xf0f0_f0f0_f0f0_f0f0) | (characters(values) ^ text)
    var number = (values | values >> 4) & 0x00ff_00ff_00ff_00ff
    number = (number | number >> 8) & 0x0000_ffff_0000_ffff
    return (number | number >> 16) & 0xffff_ffff
  }

  /// The eight digits of a number, the first one in the most significant byte.
  @inline(__always)
  static func encode(eight number: UInt32) -> UInt64 {
    var values = UInt64(number)
    values = (values | values << 16) & 0x0000_ffff_0000_ffff
    values = (values | values << 8) & 0x00ff_00ff_00ff_00ff
    values = (values | values << 4) & 0x0f0f_0f0f_0f0f_0f0f
    return characters(values)
  }

  /// The digits of eight values below 16, one in each byte.
  @inline(__always)
  private static func characters(_ values: UInt64) -> UInt64 {
    let letters = (values &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return values &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
  }

  /// Two digits for each byte.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      var position = 0
      for byte in bytes {
        buffer[position] = character(byte >> 4)
        buffer[position + 1] = character(byte & 15)
        position += 2
      }
      return position
    }
  }

  /// The bytes of an even number of lower-case digits; nil for anything else.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map(lowerCaseDigit)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
