/// Base64 as proto3 JSON has it: written in the standard alphabet with padding (RFC 4648 §4),
/// read in either alphabet with or without padding.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { buffer in
      var position = 0
      var pending: UInt32 = 0
      var count = 0
      for byte in bytes {
        pending = pending << 8 | UInt32(byte)
        count += 1
        guard count == 3 else { continue }
        for shift: UInt32 in [18, 12, 6, 0] {
          buffer[position] = alphabet[Int(pending >> shift & 63)]
          position += 1
        }
        pending = 0
        count = 0
      }
      guard count > 0 else { return position }
      pending <<= UInt32((3 - count) * 8)
      for index in 0..<4 {
        let digit = alphabet[Int(pending >> UInt32(18 - index * 6) & 63)]
        buffer[position] = index <= count ? digit : UInt8(ascii: "=")
        position += 1
      }
      return position
    }
  }

  /// As `encode`, without the padding.
  package static func encodeUnpadded(_ bytes: some Collection<UInt8>) -> String {
    let text = encode(bytes)
    return String(text.dropLast((3 - bytes.count % 3) % 3))
  }

  /// Nil for a byte outside both alphabets, wrong padding, or bits left over that are not zero.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var digits = Array(text.utf8)
    if digits.count % 4 == 0 {
      for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
    }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count * 3 / 4)
    var pending: UInt32 = 0
    var bits: UInt32 = 0
    for digit in digits {
      guard let value = value(digit) else { return nil }
      pending = pending << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
        pending &= (1 << bits) - 1
      }
    }
    return pending == 0 ? bytes : nil
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
