import CProtobufC
import Foundation
import Model

/// Limits of a text.
struct TextRules {
  var required = false
  /// Fewest and most Unicode scalar values, in NFC.
  var minimum = 0
  var maximum = Int.max
  var format = TextFormat.any
}

extension Read {
  /// Text that the wire check has found valid, in NFC.
  static func text(
    _ data: ProtobufCBinaryData, _ field: String, _ rules: TextRules = TextRules()
  ) throws(RuleFailure) -> String {
    let bytes = data.buffer
    if bytes.isEmpty {
      if rules.required { throw .required(field) }
      return ""
    }
    // Normalisation makes no scalar out of more than twelve bytes.
    if bytes.count / 12 > rules.maximum { throw .maximumLength(field, rules.maximum) }
    if TextCheck.isASCII(bytes) {
      if let failure = brokenRule(bytes, length: bytes.count, field, rules) { throw failure }
      return String(decoding: bytes, as: UTF8.self)
    }
    var value = normalized(String(decoding: bytes, as: UTF8.self))
    let length = value.unicodeScalars.count
    let failure = value.withUTF8 {
      brokenRule(UnsafeRawBufferPointer($0), length: length, field, rules)
    }
    if let failure { throw failure }
    return value
  }

  /// The rule that normalised text of so many scalars breaks, if any.
  private static func brokenRule(
    _ bytes: UnsafeRawBufferPointer, length: Int, _ field: String, _ rules: TextRules
  ) -> RuleFailure? {
    if length < rules.minimum { return .minimumLength(field, rules.minimum) }
    if length > rules.maximum { return .maximumLength(field, rules.maximum) }
    return rules.format.accepts(bytes) ? nil : .format(field, rules.format)
  }

  private static func normalized(_ text: String) -> String {
    text.unicodeScalars.allSatisfy(isAlwaysNormalized)
      ? text : text.precomposedStringWithCanonicalMapping
  }

  /// Scalars that NFC never changes and that combine with nothing before them: Latin with the
  /// Vietnamese letters, general punctuation and currency signs (UAX #15, NFC_QC=Yes, ccc=0).
  private static func isAlwaysNormalized(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x300, 0x1E00...0x1EFF, 0x2010...0x2027, 0x20A0...0x20BF: true
    default: false
    }
  }
}
