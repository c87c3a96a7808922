import CatalogDomain
import Foundation
import Model
import Testing

extension String {
  /// NFD, as some keyboards and file systems write it.
  var decomposed: String { decomposedStringWithCanonicalMapping }
}

@Suite struct SearchTextTests {
  @Test(arguments: [
    ("Đơn vị hành chính", "don vi hanh chinh"),
    ("ĐẤT ĐAI", "dat dai"),
    ("Thừa Thiên Huế – Cà Mau", "thua thien hue – ca mau"),
    ("ươ ưỡ ợ ỹ ặ ẫ ổ", "uo uo o y a a o"),
    ("Café naïve Łódź", "cafe naive łodz"),
    ("plain ASCII 123", "plain ascii 123"),
  ])
  func foldingDropsAccentsAndCase(_ text: String, _ folded: String) {
    #expect(SearchText.folded(text) == folded)
    #expect(SearchText.folded(text.decomposed) == folded)
  }

  @Test func exactFormKeepsAccentsWhateverTheNormalisation() {
    #expect(Array(SearchText.exact("ĐẤT".decomposed).utf8) == Array("đất".utf8))
    #expect(SearchText.exact("Má") != SearchText.exact("Mà"))
  }

  @Test func wordsAreRunsOfLettersAndDigits() {
    #expect(
      SearchText.words("Nghị-định 13/2023/NĐ-CP, \"đất\"") == [
        "Nghị", "định", "13", "2023", "NĐ", "CP", "đất",
      ])
    #expect(SearchText.words("đất".decomposed) == ["đất".decomposed])
    #expect(SearchText.words(" -- \u{1F4A9} ").isEmpty)
  }

  @Test func aQueryHoldsNothingButQuotedWords() throws {
    let query = try SearchQuery("Đất\" OR title_exact:* NEAR(a b) {x} ^")
    #expect(
      query.tiers.last
        == "{title_folded text_folded} : (\"dat\" AND \"or\" AND \"title\" AND \"exact\" AND "
        + "\"near\" AND \"a\" AND \"b\" AND \"x\")")
    #expect(query.tiers[0] == "{title_exact} : \"đất or title exact near a b x\"")
  }

  @Test func oneWordHasNoPhrase() throws {
    #expect(
      try SearchQuery("Đất").tiers == [
        "{title_exact} : (\"đất\")", "{title_exact text_exact} : (\"đất\")",
        "{title_folded} : (\"dat\")", "{title_folded text_folded} : (\"dat\")",
      ])
  }

  @Test(arguments: ["", "  ", "***", "\"", "\u{301}", String(repeating: "a ", count: 17)])
  func queriesWithoutWordsOrWithTooManyAreRefused(_ text: String) {
    #expect(throws: InvalidArgument.self) { try SearchQuery(text) }
  }
}
