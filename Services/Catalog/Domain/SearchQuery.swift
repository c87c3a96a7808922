package import Model

/// What somebody searches for, as full-text expressions that hold nothing but quoted words: no
/// character of the query reaches the expression language.
package struct SearchQuery: Sendable, Hashable {
  /// Most words of one query.
  package static let maximumWords = 16

  /// Every word, accents ignored.
  package let foldedExpression: String
  /// Every word as written.
  package let exactExpression: String
  /// The words next to each other in their order, accents ignored.
  package let phraseExpression: String
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
    let folded = words.map(SearchText.folded)
    foldedExpression = Self.all(of: folded, in: "{title_folded text_folded}")
    exactExpression = Self.all(of: words, in: "{title_exact text_exact}")
    phraseExpression = "{title_folded text_folded} : \(Self.quoted(folded.joined(separator: " ")))"
  }

  private static func all(of words: [String], in columns: String) -> String {
    "\(columns) : (" + words.map(quoted).joined(separator: " AND ") + ")"
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
