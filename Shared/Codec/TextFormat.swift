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

  func accepts(_ text: String) -> Bool {
    switch self {
    case .any: true
    case .currency: Currency(text) != nil
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

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || ".-_".utf8.contains($0) }
  }

  private static func isHostPort(_ text: String) -> Bool {
    guard let colon = text.lastIndex(of: ":") else { return false }
    let host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let port = Int(digits), (1...65_535).contains(port)
    else { return false }
    if host.hasPrefix("["), host.hasSuffix("]") {
      let address = host.dropFirst().dropLast()
      return address.contains(":")
        && address.utf8.allSatisfy { ":.%".utf8.contains($0) || isAlphanumeric($0) }
    }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return host.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count)
          && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
      }
  }

  private static func isRelativePath(_ text: String) -> Bool {
    isLine(text)
      && text.split(separator: "/", omittingEmptySubsequences: false)
        .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }

  private static func isLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: false
      default: true
      }
    }
  }
}

/// The officially assigned alpha-2 codes of ISO 3166-1.
enum Country {
  static func isKnown(_ code: String) -> Bool { codes.contains(code) }

  private static let codes = Set(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split(whereSeparator: \.isWhitespace).map(String.init))
}
