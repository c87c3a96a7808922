/// A currency of ISO 4217 that money can be counted in.
package struct Currency: Hashable, Sendable {
  /// The three letters, packed into 24 bits.
  fileprivate let letters: UInt32
  private let decimals: UInt8

  /// Accepts the alphabetic code of an active currency or fund, upper case; nil for anything else.
  package init?(_ code: some StringProtocol) {
    self.init(code.utf8)
  }

  /// The same for a string, which hot paths have.
  package init?(_ code: String) {
    self.init(code.utf8)
  }

  /// The same as `init(_:)` for UTF-8 bytes.
  package init?(utf8 code: UnsafeRawBufferPointer) {
    self.init(code)
  }

  private init?(_ code: some Sequence<UInt8>) {
    guard let letters = Self.pack(code) else { return nil }
    let decimals = Self.exponents[Self.place(of: letters)]
    guard decimals != Self.unknown else { return nil }
    self.letters = letters
    self.decimals = decimals
  }

  private init(letters: StaticString, decimals: UInt8) {
    self.letters = letters.withUTF8Buffer { Self.pack($0) ?? 0 }
    self.decimals = decimals
  }

  /// Vietnamese đồng, which has no minor unit.
  package static let vnd = Currency(letters: "VND", decimals: 0)
  /// United States dollar, counted in cents.
  package static let usd = Currency(letters: "USD", decimals: 2)

  /// The alphabetic code, such as "VND".
  package var code: String {
    String(unsafeUninitializedCapacity: 3) { buffer in
      for index in 0..<3 {
        buffer[index] = UInt8(truncatingIfNeeded: letters >> UInt32(16 - index * 8))
      }
      return 3
    }
  }

  /// Number of decimals of the major unit: 0 for VND, 2 for USD.
  package var exponent: Int { Int(decimals) }

  /// Three capital letters; nil for anything else.
  @inline(__always) private static func pack(_ code: some Sequence<UInt8>) -> UInt32? {
    var letters: UInt32 = 0
    var count = 0
    for byte in code {
      guard count < 3, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { return nil }
      letters = letters << 8 | UInt32(byte)
      count += 1
    }
    return count == 3 ? letters : nil
  }

  /// A number below 26³ for three capital letters.
  private static func place(of letters: UInt32) -> Int {
    func letter(_ shift: UInt32) -> Int {
      Int(letters >> shift & 0xFF) - Int(UInt8(ascii: "A"))
    }
    return (letter(16) * 26 + letter(8)) * 26 + letter(0)
  }

  private static let unknown = UInt8.max

  /// Exponents by place.
  private static let exponents: [UInt8] = {
    var exponents = [UInt8](repeating: unknown, count: 26 * 26 * 26)
    for (decimals, codes) in codesByExponent {
      for code in codes.split(whereSeparator: \.isWhitespace) {
        if let letters = pack(code.utf8) { exponents[place(of: letters)] = decimals }
      }
    }
    return exponents
  }()
}

extension Currency: CustomStringConvertible {
  package var description: String { code }
}

/// As the alphabetic code.
extension Currency: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an ISO 4217 currency")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(code)
  }
}

/// ISO 4217 list one, active in 2026, by number of decimals. Left out are the codes that have no
/// minor unit defined: metals, bond-market units, XDR, XSU, XUA, XTS and XXX.
private let codesByExponent: [(UInt8, String)] = [
  (
    0,
    """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    """
  ),
  (
    2,
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
    LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW
    ZWG
    """
  ),
  (
    3,
    """
    BHD IQD JOD KWD LYD OMR TND
    """
  ),
  (
    4,
    """
    CLF UYW
    """
  ),
]

extension Optional<Currency> {
  /// The three letters of the code, or three zeros.
  package var letters: (UInt8, UInt8, UInt8) {
    let letters = self?.letters ?? 0
    return (
      UInt8(truncatingIfNeeded: letters >> 16), UInt8(truncatingIfNeeded: letters >> 8),
      UInt8(truncatingIfNeeded: letters)
    )
  }
}
