import Model

/// A well-known textual form; the meaning is in `ndx/rules/v1/rules.proto`.
enum TextFormat {
  case any
  case currency
  case country
  case name
  case hostPort
  case relativePath
  case line

  /// Whether this UTF-8 has the form. Bytes are compared, not characters: to Swift a slash and the accent that follows
  /// it are one character, which is no slash; to a file system they are two.
  func accepts(_ text: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .any: true
    case .currency: Currency(utf8: text) != nil
    case .country: Country.isKnown(text)
    case .name: Self.isName(text)
    case .hostPort: Self.isHostPort(text)
    case .relativePath: Self.isRelativePath(text)
    case .line: Self.isLine(text)
    }
  }

  var rule: String {
    switch self {
    case .any: "string"
    case .currency: "string.currency"
    case .country: "string.country"
    case .name: "string.name"
    case .hostPort: "string.host_and_port"
    case .relativePath: "string.relative_path"
    case .line: "string.line"
    }
  }

  var text: Text {
    switch self {
    case .any: Text(vi: "Phải là văn bản.", en: "Must be text.")
    case .currency:
      Text(vi: "Phải là mã tiền tệ ISO 4217.", en: "Must be an ISO 4217 currency code.")
    case .country:
      Text(vi: "Phải là mã quốc gia ISO 3166-1.", en: "Must be an ISO 3166-1 country code.")
    case .name:
      Text(
        vi:
          "Chỉ gồm chữ cái a-z, chữ số, dấu chấm, gạch ngang, gạch dưới; bắt đầu bằng chữ hoặc số.",
        en:
          "Must be letters a-z, digits, dots, dashes and underscores, starting with a letter or digit."
      )
    case .hostPort: Text(vi: "Phải có dạng HOST:PORT.", en: "Must have the form HOST:PORT.")
    case .relativePath:
      Text(
        vi: "Phải là đường dẫn tương đối không có phần rỗng, \".\" hay \"..\".",
        en: "Must be a relative path without empty, \".\" or \"..\" parts.")
    case .line:
      Text(
        vi: "Phải nằm trên một dòng, không có ký tự điều khiển.",
        en: "Must be on one line, without control characters.")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  private static func isName(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = text.first, isAlphanumeric(first) else { return false }
    return text.allSatisfy { byte in
      isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "_")
    }
  }

  private static func isHostPort(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return false }
    let host = text[..<colon]
    let digits = text[(colon + 1)...]
    guard (1...5).contains(digits.count),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      (1...65_535).contains(digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    else { return false }
    if host.count >= 2, host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
      return isBracketed(host.dropFirst().dropLast())
    }
    return host.count <= 253
      && host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        .allSatisfy { label in
          (1...63).contains(label.count)
            && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
  }

  private static func isBracketed(_ address: Slice<UnsafeRawBufferPointer>) -> Bool {
    address.contains(UInt8(ascii: ":"))
      && address.allSatisfy { byte in
        isAlphanumeric(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
          || byte == UInt8(ascii: "%")
      }
  }

  private static func isRelativePath(_ text: UnsafeRawBufferPointer) -> Bool {
    isLine(text)
      && text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { part in
          !part.isEmpty && !(part.count <= 2 && part.allSatisfy { $0 == UInt8(ascii: ".") })
        }
  }

  /// None of U+0000 to U+001F, U+007F to U+009F, U+2028 and U+2029.
  private static func isLine(_ text: UnsafeRawBufferPointer) -> Bool {
    for (index, byte) in text.enumerated() {
      func next(_ distance: Int) -> UInt8 {
        index + distance < text.count ? text[index + distance] : 0
      }
      switch byte {
      case 0..<0x20, 0x7F: return false
      case 0xC2 where (0x80..<0xA0).contains(next(1)): return false
      case 0xE2 where next(1) == 0x80 && (next(2) == 0xA8 || next(2) == 0xA9): return false
      default: continue
      }
    }
    return true
  }
}

/// The officially assigned alpha-2 codes of ISO 3166-1.
enum Country {
  static func isKnown(_ code: UnsafeRawBufferPointer) -> Bool {
    guard code.count == 2, let index = index(code[0], code[1]) else { return false }
    return known[index]
  }

  /// The place of two upper-case letters among all pairs of them.
  private static func index(_ first: UInt8, _ second: UInt8) -> Int? {
    let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard letters.contains(first), letters.contains(second) else { return nil }
    return Int(first - letters.lowerBound) * letters.count + Int(second - letters.lowerBound)
  }

  private static let known: [Bool] = {
    var known = [Bool](repeating: false, count: 26 * 26)
    for code in codes.utf8.split(whereSeparator: { $0 == 32 || $0 == 10 }) {
      if let first = code.first, let second = code.last, let index = index(first, second) {
        known[index] = true
      }
    }
    return known
  }()

  private static let codes = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """
}
