package import Model

/// What somebody searches for, as full-text expressions that hold nothing but quoted words: no
/// character of the query reaches the expression language.
package struct SearchQuery: Sendable, Hashable {
  /// Most words of one query.
  package static let maximumWords = 16

  /// Expressions from the best way to match to the least; every one asks for every word. Accents as
  /// written come before accents ignored, and in each: the words side by side in the title, all in
  /// the title, side by side anywhere, anywhere. The last finds all there is to find.
  package let tiers: [String]
  /// The words as they are compared: two queries with the same words are the same search.
  package let words: [String]

  /// Throws `InvalidArgument` when there is no word, or more than `maximumWords`.
  package init(_ text: String) throws(InvalidArgument) {
    // A mark without a letter is no word: it would fold to nothing.
    words = SearchText.words(SearchText.exact(text)).filter { !SearchText.folded($0).isEmpty }
    guard !words.isEmpty else {
      throw InvalidArgument(
        field: "query", rule: "words",
        text: Text(vi: "phải có ít nhất một từ", en: "must hold at least one word"))
    }
    guard words.count <= Self.maximumWords else {
      throw InvalidArgument(
        field: "query", rule: "words",
        text: Text(
          vi: "không được quá \(Self.maximumWords) từ",
          en: "must not hold more than \(Self.maximumWords) words"))
    }
    tiers =
      Self.tiers(of: words, form: "exact")
      + Self.tiers(of: words.map(SearchText.folded), form: "folded")
  }

  private static func tiers(of words: [String], form: String) -> [String] {
    let all = "(" + words.map(quoted).joined(separator: " AND ") + ")"
    let sideBySide = quoted(words.joined(separator: " "))
    let forms = words.count == 1 ? [all] : [sideBySide, all]
    return ["{title_\(form)}", "{title_\(form) text_\(form)}"].flatMap { columns in
      forms.map { "\(columns) : \($0)" }
    }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
