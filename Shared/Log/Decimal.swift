/// Non-negative numbers as the formats of C2SP write them.
enum Decimal {
  /// Digits alone, without leading zeros, below 2^63; nil for anything else.
  static func parse(_ text: some Collection<UInt8>) -> Int? {
    guard let first = text.first, first != UInt8(ascii: "0") || text.count == 1 else { return nil }
    var value = 0
    for byte in text {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, exceeded) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflowed, !exceeded else { return nil }
      value = sum
    }
    return value
  }
}
