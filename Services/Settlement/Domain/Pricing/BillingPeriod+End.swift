import Foundation
package import Model

extension CatalogV1.PeriodUnit {
  /// Whether periods in it have an end.
  package var isKnown: Bool { self == .day || self == .month }
}

extension CatalogV1.BillingPeriod {
  /// When a period that begins at `start` is over, in UTC. A month ends at the same time of the same day of a
  /// later month, or of its last day if it has no such day. Nil when the unit is not known.
  ///
  /// - Parameter periods: how many follow one another; each ends as the first does, counted from `start`.
  package func end(after start: Timestamp, periods: Int32 = 1) -> Timestamp? {
    switch unit {
    case .day: start.adding(seconds: Int64(count) * Int64(periods) * 86_400)
    case .month: Self.adding(months: Int(count) * Int(periods), to: start)
    case .unspecified, .unrecognized: nil
    }
  }

  private static func adding(months: Int, to start: Timestamp) -> Timestamp? {
    guard let utc = TimeZone(secondsFromGMT: 0) else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = utc
    // Whole seconds alone go through the calendar, which counts in floating point.
    let seconds = start.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let date = Date(timeIntervalSince1970: Double(seconds.quotient))
    guard let end = calendar.date(byAdding: .month, value: months, to: date) else { return nil }
    return Timestamp(microseconds: Int64(end.timeIntervalSince1970) * 1_000_000)
      .adding(microseconds: seconds.remainder)
  }
}
