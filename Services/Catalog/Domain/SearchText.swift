import Foundation

/// How text is compared: composed, in lower case, and with or without accents.
package enum SearchText {
  /// NFC: what is stored, hashed and compared.
  package static func composed(_ text: String) -> String {
    text.utf8.allSatisfy { $0 < 0x80 } ? text : text.precomposedStringWithCanonicalMapping
  }

  /// Words as they are written, accents and all: NFC in lower case.
  package static func exact(_ text: String) -> String {
    composed(text.lowercased())
  }

  /// Words as one may type them without accents: "Đất đai" is "dat dai". Marks are dropped after
  /// decomposition, so that NFC and NFD fold alike; đ has no decomposition and is mapped by hand.
  package static func folded(_ text: String) -> String {
    let lower = text.lowercased()
    guard !lower.utf8.allSatisfy({ $0 < 0x80 }) else { return lower }
    var folded = String.UnicodeScalarView()
    for scalar in lower.decomposedStringWithCanonicalMapping.unicodeScalars {
      switch scalar {
      case "\u{0300}"..."\u{036F}": continue
      case "đ": folded.append("d")
      default: folded.append(scalar)
      }
    }
    return composed(String(folded))
  }

  /// The words of a text: runs of letters and digits, with the marks that belong to them.
  package static func words(_ text: String) -> [String] {
    text.unicodeScalars
      .split { !isWordScalar($0) }
      .map { String(String.UnicodeScalarView($0)) }
  }

  private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
      true
    default: false
    }
  }
}
