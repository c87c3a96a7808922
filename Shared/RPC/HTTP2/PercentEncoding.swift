/// Percent-encoding of `grpc-message`: printable ASCII but `%` stands for itself.
enum PercentEncoding {
  /// A space at either end is encoded too, because HTTP/2 forbids it there (RFC 9113, 8.2.1).
  /// - Parameter limit: longest result in bytes; of a longer text the beginning is kept.
  static func encode(_ text: String, limit: Int = .max) -> String {
    let utf8 = text.utf8
    if utf8.count <= limit, utf8.allSatisfy(isPlain), utf8.first != space, utf8.last != space {
      return text
    }
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      let units = UTF8.encode(scalar)
      let mustEscape = bytes.isEmpty && scalar == " "
      let encoded = units?.flatMap { isPlain($0) && !mustEscape ? [$0] : escape($0) } ?? []
      guard bytes.count + encoded.count <= limit else { break }
      bytes += encoded
    }
    if bytes.last == space {
      bytes.removeLast()
      if bytes.count + 3 <= limit { bytes += escape(space) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Never fails: what is not a valid escape is kept as it is, what is not UTF-8 becomes U+FFFD.
  static func decode(_ text: some Collection<UInt8>) -> String {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(value),
        let low = rest.dropFirst().first.flatMap(value)
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let space = UInt8(ascii: " ")

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%")
  }

  private static func escape(_ byte: UInt8) -> [UInt8] {
    [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 + value : 0x41 + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
