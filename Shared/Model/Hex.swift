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
