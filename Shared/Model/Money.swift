/// An exact amount in one currency.
package struct Money: Hashable, Sendable {
  package var currency: Currency
  /// Amount in minor units: đồng for VND, cents for USD.
  package var minorUnits: Int64

  package init(currency: Currency, minorUnits: Int64) {
    self.currency = currency
    self.minorUnits = minorUnits
  }

  /// The largest amount of one transfer, in minor units of any currency.
  package static let limit: Int64 = 1_000_000_000_000_000
}

extension Money: CustomStringConvertible {
  /// Amount in major units and code, such as "2000000 VND" or "19.99 USD".
  package var description: String {
    let exponent = currency.exponent
    guard exponent > 0 else { return "\(minorUnits) \(currency.code)" }
    let digits = String(minorUnits.magnitude)
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
    let sign = minorUnits < 0 ? "-" : ""
    return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent)) \(currency.code)"
  }
}

extension Money: Codable {
  package init(from decoder: any Decoder) throws {
    let fields = try JSONFields(decoder)
    self.init(
      currency: try fields.required("currencyCode", "currency_code"),
      minorUnits: try fields.integer("minorUnits", "minor_units"))
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = JSONWriter(encoder)
    try fields.put(currency, "currencyCode")
    try fields.integer(minorUnits, "minorUnits")
  }
}
