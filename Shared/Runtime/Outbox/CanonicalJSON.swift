/// JSON with one possible text for a value: sorted keys, no spaces, and only what must be escaped
/// escaped (RFC 8785 for strings). Foundation's encoder does not promise its bytes.
enum CanonicalJSON {
  static func object(_ value: [String: String]) -> String {
    let members = value.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
      .map { string($0.key) + ":" + string($0.value) }
    return "{" + members.joined(separator: ",") + "}"
  }

  static func array(_ values: [String]) -> String {
    "[" + values.map(string).joined(separator: ",") + "]"
  }

  static func string(_ value: String) -> String {
    var text = "\""
    text.reserveCapacity(value.utf8.count + 2)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\u{8}": text += "\\b"
      case "\u{9}": text += "\\t"
      case "\u{A}": text += "\\n"
      case "\u{C}": text += "\\f"
      case "\u{D}": text += "\\r"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
