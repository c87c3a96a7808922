/// A moment in UTC: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Sendable, Comparable {
  package let microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The first and the last moment RFC 3339 and `google.protobuf.Timestamp` can write.
  package static let earliest = Timestamp(microseconds: -62_135_596_800_000_000)
  package static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

  /// This moment and a number of seconds, held within the range of 64 bits.
  package func adding(seconds: Int64) -> Timestamp {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return adding(microseconds: overflow ? (seconds < 0 ? .min : .max) : product)
  }

  /// This moment and a number of microseconds, held within the range of 64 bits.
  package func adding(microseconds added: Int64) -> Timestamp {
    let (sum, overflow) = microseconds.addingReportingOverflow(added)
    return Timestamp(microseconds: overflow ? (added < 0 ? .min : .max) : sum)
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with no, three or six decimals, as proto3 JSON writes it.
  package var description: String {
    let (second, fraction) = microseconds.flooredQuotient(by: 1_000_000)
    let (day, secondOfDay) = second.flooredQuotient(by: 86_400)
    let date = CivilDate(daysSinceEpoch: day)
    let decimals: String
    switch fraction {
    case 0: decimals = ""
    case let value where value % 1_000 == 0: decimals = "." + digits(value / 1_000, 3)
    default: decimals = "." + digits(fraction, 6)
    }
    let time =
      digits(secondOfDay / 3_600, 2) + ":" + digits(secondOfDay / 60 % 60, 2) + ":"
      + digits(secondOfDay % 60, 2)
    return digits(date.year, 4) + "-" + digits(date.month, 2) + "-" + digits(date.day, 2) + "T"
      + time + decimals + "Z"
  }

  /// Reads RFC 3339 with any offset and at most nine decimals, those below a microsecond dropped.
  /// Nil for anything else, for a day that does not exist, and for a leap second.
  package init?(_ text: some StringProtocol) {
    var reader = DigitReader(bytes: Array(text.utf8))
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
      reader.skip("-"), let day = reader.number(2), reader.skip("T") || reader.skip("t"),
      let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2),
      reader.skip(":"), let second = reader.number(2)
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard year >= 1, (1...12).contains(month), day >= 1, hour < 24, minute < 60, second < 60,
      CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date
    else { return nil }
    var fraction: Int64 = 0
    if reader.skip(".") {
      guard let value = reader.microseconds() else { return nil }
      fraction = value
    }
    guard let offset = reader.offsetMinutes(), reader.isAtEnd else { return nil }
    let seconds =
      date.daysSinceEpoch * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
    self.init(microseconds: seconds * 1_000_000 + fraction)
    guard self >= .earliest, self <= .latest else { return nil }
  }
}

extension Timestamp {
  /// Writes what `description` says to the start of `destination`, which has 27 bytes or more, and returns how many
  /// were written; nil for a moment before 1970 or after 9999. Several times as fast.
  package func write(utf8 destination: UnsafeMutableBufferPointer<UInt8>) -> Int? {
    guard microseconds >= 0, self <= .latest, destination.count >= 27 else { return nil }
    let (second, fraction) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let (day, secondOfDay) = second.quotientAndRemainder(dividingBy: 86_400)
    let date = CivilDate(daysSinceEpoch: day)
    var count = 0
    func put(_ number: Int64, _ width: Int, _ delimiter: Unicode.Scalar) {
      var rest = number
      for place in (count..<count + width).reversed() {
        destination[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
      destination[count + width] = UInt8(ascii: delimiter)
      count += width + 1
    }
    put(date.year, 4, "-")
    put(date.month, 2, "-")
    put(date.day, 2, "T")
    put(secondOfDay / 3_600, 2, ":")
    put(secondOfDay / 60 % 60, 2, ":")
    put(secondOfDay % 60, 2, fraction == 0 ? "Z" : ".")
    if fraction > 0 {
      fraction % 1_000 == 0 ? put(fraction / 1_000, 3, "Z") : put(fraction, 6, "Z")
    }
    return count
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an RFC 3339 time")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

private func digits(_ value: Int64, _ width: Int) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}
