/// Writes XML 1.0 in UTF-8. Whatever text it is given comes out as that text: markup is escaped, and
/// what XML cannot carry becomes U+FFFD.
struct XMLText {
  private(set) var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
  private var depth = 0

  /// An element around what `body` writes.
  mutating func element(
    _ name: StaticString, namespace: String? = nil, _ body: (inout XMLText) -> Void
  ) {
    indent()
    text += "<\(name)"
    if let namespace { text += " xmlns=\"\(Self.escaped(namespace))\"" }
    text += ">\n"
    depth += 1
    body(&self)
    depth -= 1
    indent()
    text += "</\(name)>\n"
  }

  /// An element that holds text alone.
  mutating func element(_ name: StaticString, _ value: String, currency: String? = nil) {
    indent()
    text += "<\(name)"
    if let currency { text += " Ccy=\"\(Self.escaped(currency))\"" }
    text += ">\(Self.escaped(value))</\(name)>\n"
  }

  private mutating func indent() {
    text += String(repeating: "  ", count: depth)
  }

  static func escaped(_ value: String) -> String {
    value.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&apos;"
      case "\t", "\n", "\r": text += "&#\(scalar.value);"
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
