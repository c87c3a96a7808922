import Foundation

/// docs/http2-conformance.md: what is written by hand, then the tables of the cases.
enum ConformancePage {
  private static let mark = "<!-- The tables below are written by ConformancePageTests. -->"
  private static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../docs/http2-conformance.md").standardizedFileURL

  static func text() throws -> String { try String(contentsOf: path, encoding: .utf8) }

  /// The page with tables as the cases are now.
  static func renewed() throws -> String {
    let written = try text().components(separatedBy: mark)[0]
    return written + mark + "\n\n" + tables().joined(separator: "\n") + "\n"
  }

  static func write(_ text: String) throws {
    try text.write(to: path, atomically: true, encoding: .utf8)
  }

  private static func tables() -> [String] {
    ["## Misses", ""] + misses() + ["", "## The server", ""]
      + ConformanceTests.sections.flatMap(table) + ["## The client", ""]
      + ClientConformanceTests.sections.flatMap(table)
  }

  private static func misses() -> [String] {
    let server = ConformanceTests.sections.flatMap(\.numbered)
      .compactMap { id, item in item.miss.map { (id, item.sends, item.expected, item.ours, $0) } }
    let client = ClientConformanceTests.sections.flatMap(\.numbered)
      .compactMap { id, item in item.miss.map { (id, item.sends, item.expected, item.ours, $0) } }
    return ["| case | sent | expected | ours | why |", "|---|---|---|---|---|"]
      + (server + client).map { id, sends, expected, ours, why in
        "| \(id) | \(sends) | \(expected) | \(ours) | \(why) |"
      }
  }

  private static func table(_ section: ConformanceSection) -> [String] {
    let rows = section.cases.enumerated().map { index, item in
      "| \(index + 1)\(index < section.suiteCount ? "" : " +") | \(item.sends) "
        + "| \(item.expected) | \(item.ours) |"
    }
    return ["### \(section.id): \(section.title)", "", "\(section.source).", ""]
      + ["| | sent | expected | ours |", "|---|---|---|---|"] + rows + [""]
  }

  private static func table(_ section: ClientSection) -> [String] {
    let rows = section.cases.enumerated().map { index, item in
      "| \(index + 1) | \(item.sends) | \(item.expected) | \(item.ours) | \(item.call) |"
    }
    return ["### \(section.id): \(section.title)", "", "\(section.source).", ""]
      + ["| | sent | expected | ours | the call |", "|---|---|---|---|---|"] + rows + [""]
  }
}
