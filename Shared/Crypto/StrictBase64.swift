/// Base64 with padding (RFC 4648 §4): one text per byte string and nothing else decodes.
/// Model's `Base64` reads leniently, as proto3 JSON asks; signatures and proofs are read with this.
package enum StrictBase64 {
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Alphabet.standard.encode(bytes, padded: true)
  }

  /// Nil for white space, missing or surplus padding, foreign characters and non-zero spare bits.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    Base64Alphabet.standard.decode(Array(text.utf8), padded: true)
  }
}

/// Base64url without padding (RFC 4648 §5, as JOSE uses it), equally strict.
package enum Base64URL {
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Alphabet.url.encode(bytes, padded: false)
  }

  /// Nil for padding, white space, foreign characters and non-zero spare bits.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    Base64Alphabet.url.decode(Array(text.utf8), padded: false)
  }
}

private struct Base64Alphabet: Sendable {
  static let standard = Base64Alphabet(last: "+/")
  static let url = Base64Alphabet(last: "-_")

  private let symbols: [UInt8]
  private let values: [UInt8]  // 0xFF where a character is no symbol

  private init(last: String) {
    symbols = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(last)".utf8)
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, symbol) in symbols.enumerated() { values[Int(symbol)] = UInt8(value) }
    self.values = values
  }

  func encode(_ bytes: some Collection<UInt8>, padded: Bool) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(symbols[Int(pending >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { text.append(symbols[Int(pending << UInt32(6 - bits) & 63)]) }
    while padded && !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  func decode(_ text: [UInt8], padded: Bool) -> [UInt8]? {
    var symbolCount = text.count
    if padded {
      guard text.count.isMultiple(of: 4) else { return nil }
      while symbolCount > 0, text.count - symbolCount < 2, text[symbolCount - 1] == 0x3D {
        symbolCount -= 1
      }
    }
    guard symbolCount % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(symbolCount * 3 / 4)
    var pending: UInt32 = 0
    var bits = 0
    for symbol in text[..<symbolCount] {
      let value = values[Int(symbol)]
      guard value != 0xFF else { return nil }
      pending = (pending << 6 | UInt32(value)) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
      }
    }
    guard pending & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return bytes
  }
}
