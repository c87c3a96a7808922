import Model

/// A message that the command line can print: as rows of one object, or as a line of a table.
protocol Presentable: Encodable {
  /// What matters of it, in order; empty values are left out.
  func rows(_ language: Language) -> [(String, String)]
  /// Headings of a table of such objects.
  static var headings: [String] { get }
  func cells(_ language: Language) -> [String]
}

/// Plain-text layout.
enum Layout {
  /// Rows of `name  value`, names padded to one width.
  static func card(_ rows: [(String, String)]) -> String {
    let shown = rows.filter { !$0.1.isEmpty }
    let width = shown.map(\.0.count).max() ?? 0
    return shown.map { name, value in
      "\(padded(name, width))  "
        + value.split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: "\n" + String(repeating: " ", count: width + 2))
    }.joined(separator: "\n")
  }

  /// A table under its headings.
  static func table(_ headings: [String], _ lines: [[String]]) -> String {
    let all = [headings.map { $0.uppercased() }] + lines
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { line in
      var text = line.indices.map { padded(line[$0], widths[$0]) }.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Digits in groups of three, with the currency: `2,000,000 VND`.
  static func amount(_ minorUnits: Int64, _ currency: Currency) -> String {
    let plain = Money(currency: currency, minorUnits: minorUnits).description
    let whole = plain.prefix { $0 != "." && $0 != " " }
    let sign = whole.hasPrefix("-") ? "-" : ""
    let digits = Array(whole.drop { $0 == "-" })
    let grouped = digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
      text.append(digit.element)
    }
    return sign + grouped + plain.dropFirst(whole.count)
  }

  static func amount(_ money: Money?) -> String {
    money.map { amount($0.minorUnits, $0.currency) } ?? ""
  }

  /// Bytes for people: `1,085 B`, `147.7 KiB`.
  static func size(_ bytes: Int64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    guard unit > 0 else { return "\(bytes) B" }
    return "\(Double(Int(value * 10)) / 10) \(units[unit])"
  }
}

extension TypeV1.LocalizedText {
  /// The text in the language asked for, or in the one there is.
  func text(_ language: Language) -> String {
    language == .en && !en.isEmpty ? en : vi
  }
}
