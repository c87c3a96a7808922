extension JSON {
  /// Parses RFC 8259 text strictly: nothing after the value, at most 16 levels, no member twice, no
  /// fractions. Throws `CryptoError.malformed("JSON")`.
  package init(parsing bytes: some Collection<UInt8>) throws {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws -> JSON {
    let value = try self.value()
    skipSpace()
    guard position == bytes.count else { throw malformed }
    return value
  }

  private var malformed: CryptoError { .malformed("JSON") }
  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  /// Consumes `byte` when it comes next.
  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard end <= bytes.count, bytes[position..<end].elementsEqual(word) else { return false }
    position = end
    return true
  }

  private mutating func value() throws -> JSON {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 16 else { throw malformed }
    skipSpace()
    if take("{") { return try object() }
    if take("[") { return try array() }
    if take("\"") { return .string(try string()) }
    if take(word: "true") { return .bool(true) }
    if take(word: "false") { return .bool(false) }
    if take(word: "null") { return .null }
    return try number()
  }

  private mutating func object() throws -> JSON {
    var members: [String: JSON] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard take("\"") else { throw malformed }
      let name = try string()
      skipSpace()
      guard take(":") else { throw malformed }
      guard members.updateValue(try value(), forKey: name) == nil else { throw malformed }
      skipSpace()
    } while take(",")
    guard take("}") else { throw malformed }
    return .object(members)
  }

  private mutating func array() throws -> JSON {
    var items: [JSON] = []
    skipSpace()
    if take("]") { return .array(items) }
    repeat {
      items.append(try value())
      skipSpace()
    } while take(",")
    guard take("]") else { throw malformed }
    return .array(items)
  }

  private mutating func number() throws -> JSON {
    let start = position
    _ = take("-")
    let digits = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    guard position > digits, bytes[digits] != 0x30 || position == digits + 1,
      let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self))
    else { throw malformed }
    return .integer(value)
  }

  private mutating func string() throws -> String {
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw malformed }
        return string
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw malformed
      default: text.append(byte)
      }
    }
    throw malformed
  }

  private mutating func escape() throws -> [UInt8] {
    guard let byte = current else { throw malformed }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"): return try Array(String(unicodeEscape()).utf8)
    default: throw malformed
    }
  }

  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let first = try fourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800...0xDBFF).contains(first), take("\\"), take("u") else { throw malformed }
    let second = try fourDigits()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw malformed }
    return scalar
  }

  private mutating func fourDigits() throws -> UInt32 {
    guard position + 4 <= bytes.count else { throw malformed }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw malformed
      }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }
}
