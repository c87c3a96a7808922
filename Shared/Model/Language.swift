/// A language the exchange speaks.
package enum Language: String, Sendable, Hashable, CaseIterable, Codable {
  case vi
  case en
}

/// One text in both languages.
package struct Text: Sendable, Hashable {
  package let vi: String
  package let en: String

  package init(vi: String, en: String) {
    self.vi = vi
    self.en = en
  }

  package subscript(language: Language) -> String {
    switch language {
    case .vi: vi
    case .en: en
    }
  }
}
