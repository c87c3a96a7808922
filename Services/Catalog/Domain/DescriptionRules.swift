package import Model

/// What must hold for a description beyond the limits of its fields.
package enum DescriptionRules {
  /// The description with its text in NFC and its keywords and themes without repeats.
  /// Throws `InvalidArgument` for a title or description of white space only.
  package static func accept(
    _ description: CatalogV1.ProductDescription
  ) throws(InvalidArgument) -> CatalogV1.ProductDescription {
    var accepted = description
    accepted.title = normalized(description.title)
    accepted.description = normalized(description.description)
    accepted.keywords = unique(description.keywords.map(SearchText.composed))
    accepted.themes = unique(description.themes)
    accepted.spatialCoverage = SearchText.composed(description.spatialCoverage)
    accepted.contact = SearchText.composed(description.contact)
    for (field, text) in [
      ("description.title.vi", accepted.title.vi),
      ("description.description.vi", accepted.description.vi),
    ] where text.allSatisfy(\.isWhitespace) {
      throw InvalidArgument(
        field: field, rule: "required",
        text: Text(vi: "không được để trống", en: "must not be blank"))
    }
    return accepted
  }

  private static func normalized(_ text: TypeV1.LocalizedText) -> TypeV1.LocalizedText {
    TypeV1.LocalizedText(vi: SearchText.composed(text.vi), en: SearchText.composed(text.en))
  }

  private static func unique(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
  }
}
