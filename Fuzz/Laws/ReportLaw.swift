import Model
import SettlementDomain

/// A bank's report, as clearing imports it: it is refused and says in which line, or read; and what was read and is
/// written again reads the same.
enum ReportLaw {
  static func check(_ bytes: [UInt8]) throws {
    if let document = try read(bytes, { bytes throws(ReportFault) in try XMLReader.read(bytes) }) {
      let text = Array(written(document).utf8)
      let again = try? XMLReader.read(text)
      try require(again.map(written) == written(document), "a document changes when it is written")
      try require(depth(of: document) <= XMLReader.depthLimit, "a document is nested too deep")
    }
    if let report = try read(bytes, { bytes throws(ReportFault) in try BankReport(bytes) }) {
      try require((1...35).contains(report.messageID.unicodeScalars.count), "a name is too long")
      for line in report.lines {
        try require((0...Money.limit).contains(line.amount), "an amount is out of range")
        try require(!line.key.contains("\n") && line.proof.count <= 140, "a line is several")
      }
      let again = try? BankReport(bytes)
      try require(again == report, "a report reads differently the second time")
    }
  }

  /// What was read; nil when it was refused, as it should be told.
  private static func read<Value>(
    _ bytes: [UInt8], _ reader: ([UInt8]) throws(ReportFault) -> Value
  ) throws -> Value? {
    do {
      return try reader(bytes)
    } catch {
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      try require((1...lines).contains(error.line), "a fault is in a line that is not there")
      try require(error.rule.text.en.isEmpty == false, "a fault has no text")
      return nil
    }
  }

  private static func depth(of element: XMLElement) -> Int {
    1 + (element.children.map(depth).max() ?? 0)
  }

  /// With a prefix where a name would not begin like one: readers leave prefixes out.
  private static func written(_ element: XMLElement) -> String {
    let isName = element.name.utf8.first.map { (0x41...0x5a).contains($0 & 0xdf) || $0 == 0x5f }
    let tag = (isName == true ? "" : "p:") + element.name
    let attributes = element.attributes.sorted { $0.key < $1.key }
      .map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return "<\(tag)\(attributes)>" + escaped(element.text)
      + element.children.map(written).joined() + "</\(tag)>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
