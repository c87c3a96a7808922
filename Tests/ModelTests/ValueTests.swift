import Foundation
import Model
import Testing

@Suite struct ValueTests {
  @Test func currenciesHaveTheirExponents() throws {
    for (code, exponent) in [("VND", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("JPY", 0)] {
      let currency = try #require(Currency(code))
      #expect(currency.code == code)
      #expect(currency.exponent == exponent)
    }
    #expect(Currency("VND") == .vnd)
    #expect(Currency("USD") == .usd)
  }

  @Test(arguments: ["", "VN", "vnd", "VNDX", "XXX", "XAU", "HRK", "ĐĐĐ"])
  func unknownCurrenciesAreRefused(code: String) {
    #expect(Currency(code) == nil)
  }

  @Test func moneyPrintsMajorUnits() throws {
    #expect(Money(currency: .vnd, minorUnits: 2_000_000).description == "2000000 VND")
    #expect(Money(currency: .usd, minorUnits: 1_999).description == "19.99 USD")
    #expect(Money(currency: .usd, minorUnits: -5).description == "-0.05 USD")
  }

  @Test func moneyIsProto3JSON() throws {
    let money = Money(currency: .vnd, minorUnits: 5)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(money), as: UTF8.self)
    #expect(json == #"{"currencyCode":"VND","minorUnits":"5"}"#)
    let text = #"{"currency_code": "VND", "minor_units": 5}"#
    #expect(try JSONDecoder().decode(Money.self, from: Data(text.utf8)) == money)
  }

  @Test func enumerationsAreNamesInJSON() throws {
    let roles: [TypeV1.Role] = [.provider, .unrecognized(99)]
    let json = try JSONEncoder().encode(roles)
    #expect(String(decoding: json, as: UTF8.self) == #"["ROLE_PROVIDER",99]"#)
    #expect(try JSONDecoder().decode([TypeV1.Role].self, from: json) == roles)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([TypeV1.Role].self, from: Data(#"["NOBODY"]"#.utf8))
    }
  }

  @Test func enumerationsNumberAndNameEachValue() {
    for role in TypeV1.Role.allCases {
      #expect(TypeV1.Role(rawValue: role.rawValue) == role)
      #expect(role.protoName.flatMap(TypeV1.Role.init(protoName:)) == role)
    }
    #expect(TypeV1.Role(rawValue: 99) == .unrecognized(99))
  }

  @Test func invalidArgumentNamesThePlaceInBothLanguages() {
    let error = InvalidArgument(
      field: "offer.price", rule: "required", text: Text(vi: "Bắt buộc.", en: "Required."))
    #expect(error.text.en == "offer.price: Required.")
    #expect(error.text[.vi] == "offer.price: Bắt buộc.")
    #expect(error.status == .invalidArgument)
    #expect(error.reason == "INVALID_FIELD")
  }
}
