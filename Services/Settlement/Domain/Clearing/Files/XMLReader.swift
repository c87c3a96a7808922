/// Reads the part of XML 1.0 that ISO 20022 messages are written in: elements, attributes, text, CDATA,
/// comments, character references and the five predefined entities, in UTF-8. A document type, and
/// with it every other entity, is refused, and so is what passes the limits: a file from outside
/// can make it neither fetch, nor expand, nor recurse.
package struct XMLReader {
  package static let depthLimit = 32
  package static let elementLimit = 200_000
  static let attributeLimit = 16
  static let nameLimit = 128

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var elements = 0
  /// Names of the elements that are open.
  private var path: [String] = []

  /// - Throws: `ReportFault` with the line and the element it is in.
  package static func read(_ bytes: [UInt8]) throws(ReportFault) -> XMLElement {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw ReportFault(.malformed, line: 1, element: "")
    }
    var reader = XMLReader(bytes: bytes)
    return try reader.document()
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func fault(_ rule: ReportRule) -> ReportFault {
    ReportFault(rule, line: line, element: path.last ?? "")
  }

  private mutating func document() throws(ReportFault) -> XMLElement {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if skip("<?xml") {
      let declaration = try text(until: "?>").lowercased()
      guard !declaration.contains("encoding") || declaration.contains("utf-8") else {
        throw fault(.malformed)
      }
    }
    try skipMisc()
    guard skip("<") else { throw fault(.malformed) }
    let root = try element(depth: 1)
    try skipMisc()
    guard position == bytes.count else { throw fault(.malformed) }
    return root
  }

  /// Comments and white space outside the root. Processing instructions are refused like document types.
  private mutating func skipMisc() throws(ReportFault) {
    while true {
      skipSpace()
      if skip("<!--") {
        _ = try text(until: "-->")
      } else if isAt("<!") || isAt("<?") {
        throw fault(.doctype)
      } else {
        return
      }
    }
  }

  /// The element whose `<` was read.
  private mutating func element(depth: Int) throws(ReportFault) -> XMLElement {
    elements += 1
    guard depth <= Self.depthLimit, elements <= Self.elementLimit else { throw fault(.limit) }
    let beginning = line
    let tag = try name()
    var element = XMLElement(name: Self.local(tag), line: beginning)
    path.append(element.name)
    while true {
      let hadSpace = skipSpace()
      if skip("/>") {
        path.removeLast()
        return element
      }
      if skip(">") { break }
      guard hadSpace else { throw fault(.malformed) }
      let key = try name()
      guard element.attributes.count < Self.attributeLimit else { throw fault(.limit) }
      guard element.attributes.updateValue(try attribute(), forKey: key) == nil else {
        throw fault(.malformed)
      }
    }
    try content(of: &element, depth)
    guard try name() == tag else { throw fault(.malformed) }
    skipSpace()
    guard skip(">") else { throw fault(.malformed) }
    path.removeLast()
    return element
  }

  /// Up to and with the `</` of the element's end.
  private mutating func content(
    of element: inout XMLElement, _ depth: Int
  ) throws(ReportFault) {
    var text: [UInt8] = []
    while position < bytes.count {
      if skip("</") {
        element.text = Self.trimmed(text)
        return
      } else if skip("<!--") {
        _ = try self.text(until: "-->")
      } else if skip("<![CDATA[") {
        text += Array(try self.text(until: "]]>").utf8)
      } else if isAt("<!") || isAt("<?") {
        throw fault(.doctype)
      } else if skip("<") {
        element.children.append(try self.element(depth: depth + 1))
      } else {
        try character(into: &text)
      }
    }
    throw fault(.malformed)
  }

  private mutating func attribute() throws(ReportFault) -> String {
    skipSpace()
    guard skip("=") else { throw fault(.malformed) }
    skipSpace()
    guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
      throw fault(.malformed)
    }
    let quote = bytes[position]
    position += 1
    var value: [UInt8] = []
    while position < bytes.count, bytes[position] != quote {
      guard bytes[position] != 0x3C else { throw fault(.malformed) }
      try character(into: &value)
    }
    guard position < bytes.count else { throw fault(.malformed) }
    position += 1
    return String(decoding: value, as: UTF8.self)
  }

  /// One character, or the reference that stands for one.
  private mutating func character(into text: inout [UInt8]) throws(ReportFault) {
    let byte = bytes[position]
    guard byte == 0x26 else {
      guard Self.isCharacter(byte) else { throw fault(.malformed) }
      if byte == 0x0A { line += 1 }
      text.append(byte)
      position += 1
      return
    }
    position += 1
    let end = bytes[position...].prefix(12).firstIndex(of: 0x3B)
    guard let end else { throw fault(.malformed) }
    let reference = String(decoding: bytes[position..<end], as: UTF8.self)
    position = end + 1
    guard let scalar = Self.scalar(reference) else { throw fault(.malformed) }
    text += Array(String(scalar).utf8)
  }

  private static func scalar(_ reference: String) -> Character? {
    switch reference {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let digits = reference.dropFirst(reference.hasPrefix("#x") ? 2 : 1)
      guard reference.hasPrefix("#"), digits.allSatisfy(\.isHexDigit),
        let value = UInt32(digits, radix: reference.hasPrefix("#x") ? 16 : 10),
        value >= 0x20 || [0x09, 0x0A, 0x0D].contains(value), value & 0xFFFE != 0xFFFE
      else { return nil }
      return Unicode.Scalar(value).map { Character($0) }
    }
  }

  private mutating func name() throws(ReportFault) -> String {
    let start = position
    while position < bytes.count, position - start <= Self.nameLimit {
      let byte = bytes[position]
      let isLetter = (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F
      let isLater = (0x30...0x39).contains(byte) || [0x2D, 0x2E, 0x3A].contains(byte)
      guard isLetter || (position > start && isLater) else { break }
      position += 1
    }
    guard position > start, position - start <= Self.nameLimit else { throw fault(.malformed) }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func text(until end: StaticString) throws(ReportFault) -> String {
    let start = position
    while position < bytes.count {
      let stop = position
      if skip(end) { return String(decoding: bytes[start..<stop], as: UTF8.self) }
      guard Self.isCharacter(bytes[position]) else { throw fault(.malformed) }
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    throw fault(.malformed)
  }

  /// Whether a byte may be part of a character of a document (XML 1.0, 2.2): control characters may not, in CDATA and
  /// comments neither.
  private static func isCharacter(_ byte: UInt8) -> Bool {
    byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private func isAt(_ token: StaticString) -> Bool {
    let count = token.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[position + $0] == token.utf8Start[$0] }
  }

  private mutating func skip(_ token: StaticString) -> Bool {
    guard isAt(token) else { return false }
    position += token.utf8CodeUnitCount
    return true
  }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let start = position
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
    return position > start
  }

  private static func local(_ tag: String) -> String {
    tag.split(separator: ":").last.map(String.init) ?? tag
  }

  private static func trimmed(_ text: [UInt8]) -> String {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    let head = text.drop(while: isSpace)
    let end = head.lastIndex { !isSpace($0) }
    return end.map { String(decoding: head[...$0], as: UTF8.self) } ?? ""
  }
}
