package import Model

/// Amounts as ISO 20022 writes them: in major units, with as many decimals as ISO 4217 gives the currency.
package enum DecimalAmount {
  package static func text(_ minorUnits: Int64, _ currency: Currency) -> String {
    String(Money(currency: currency, minorUnits: minorUnits).description.prefix { $0 != " " })
  }

  /// Minor units; nil for a sign, an exponent, a digit below the minor unit that is not zero, or more
  /// than the ledger takes.
  package static func minorUnits(_ text: String, _ currency: Currency) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty || parts.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      text.utf8.count <= 32,
      text != "."
    else { return nil }
    let decimals = parts.count == 2 ? String(parts[1]) : ""
    let kept = decimals.prefix(currency.exponent)
    guard decimals.dropFirst(currency.exponent).allSatisfy({ $0 == "0" }) else { return nil }
    let padding = String(repeating: "0", count: currency.exponent - kept.count)
    guard let value = Int64(String(parts[0]) + kept + padding), value <= Money.limit else {
      return nil
    }
    return value
  }
}
