/// A block of RFC 7468 text: a label and the DER it wraps.
package struct PEMBlock: Sendable, Hashable {
  package let label: String
  package let der: [UInt8]

  package init(label: String, der: [UInt8]) {
    self.label = label
    self.der = der
  }

  /// The block as text, 64 characters to the line, ending in a line feed.
  package var text: String {
    var body = StrictBase64.encode(der)[...]
    var lines = "-----BEGIN \(label)-----\n"
    while !body.isEmpty {
      lines += body.prefix(64) + "\n"
      body = body.dropFirst(64)
    }
    return lines + "-----END \(label)-----\n"
  }

  /// Every block of a text, in order; text between blocks is ignored as RFC 7468 §2 allows.
  /// Throws `CryptoError.malformed` for a block that is cut off or is not StrictBase64.
  package static func all(in text: some StringProtocol) throws -> [PEMBlock] {
    var blocks: [PEMBlock] = []
    var label: String?
    var body = ""
    for line in text.split(whereSeparator: \.isNewline) {
      let line = trimmed(line)
      if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----"), line.utf8.count > 16 {
        guard label == nil else { throw CryptoError.malformed("PEM text") }
        label = String(line.dropFirst(11).dropLast(5))
        body = ""
      } else if let current = label {
        if line == "-----END \(current)-----" {
          guard let der = StrictBase64.decode(body) else { throw CryptoError.malformed("PEM text") }
          blocks.append(PEMBlock(label: current, der: der))
          label = nil
        } else {
          body += line
        }
      }
    }
    guard label == nil else { throw CryptoError.malformed("PEM text") }
    return blocks
  }

  /// The one block with this label. Throws `CryptoError.malformed` unless there is exactly one.
  static func only(_ label: String, in text: some StringProtocol) throws -> [UInt8] {
    let found = try all(in: text).filter { $0.label == label }
    guard found.count == 1, let block = found.first else {
      throw CryptoError.malformed("PEM text: expected one \(label)")
    }
    return block.der
  }

  private static func trimmed(_ line: some StringProtocol) -> Substring {
    var line = Substring(line)
    while let last = line.last, last.isWhitespace { line.removeLast() }
    while let first = line.first, first.isWhitespace { line.removeFirst() }
    return line
  }
}
