package import GRDB
package import Model
import ServiceRuntime

/// Rows of `span`: the earliest and the latest time of each 4096 entries. Times follow the order of the log but for what
/// producers report late, so few spans hold more than was asked for.
package struct SpanTable {
  package static let width = 4_096
  private let db: Database

  package init(_ db: Database) { self.db = db }

  /// Takes in the times of new entries, the first of which is at `start`.
  package func extend(_ times: [Timestamp], from start: Int) throws {
    guard !times.isEmpty else { return }
    let statement = try FastStatement(
      db,
      """
      INSERT INTO span (n, earliest, latest) VALUES (?, ?, ?) ON CONFLICT (n) DO UPDATE SET
      earliest = MIN(earliest, excluded.earliest), latest = MAX(latest, excluded.latest)
      """)
    var position = 0
    while position < times.count {
      let span = (start + position) / Self.width
      let end = min(times.count, (span + 1) * Self.width - start)
      var (earliest, latest) = (times[position], times[position])
      for time in times[position..<end] {
        earliest = min(earliest, time)
        latest = max(latest, time)
      }
      statement.bind(Int64(span), at: 0)
      statement.bind(earliest.microseconds, at: 1)
      statement.bind(latest.microseconds, at: 2)
      try statement.run()
      position = end
    }
  }

  /// Where within `range` entries of these times can be, in order; nil does not narrow.
  func ranges(from start: Timestamp?, until end: Timestamp?, in range: Range<Int>) throws -> [Range<
    Int
  >] {
    guard !range.isEmpty, start != nil || end != nil else { return range.isEmpty ? [] : [range] }
    let statement = try FastStatement(
      db,
      """
      SELECT n FROM span WHERE n >= ? AND n <= ? AND latest >= ? AND earliest < ? ORDER BY n
      """)
    statement.bind(Int64(range.lowerBound / Self.width), at: 0)
    statement.bind(Int64((range.upperBound - 1) / Self.width), at: 1)
    statement.bind(start?.microseconds ?? .min, at: 2)
    statement.bind(end?.microseconds ?? .max, at: 3)
    var ranges: [Range<Int>] = []
    while try statement.step() {
      let first = Int(statement.int64(0)) * Self.width
      let found = (first..<first + Self.width).clamped(to: range)
      if let last = ranges.last, last.upperBound == found.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<found.upperBound
      } else {
        ranges.append(found)
      }
    }
    return ranges
  }

  /// The times noted for a span; nil when there are none.
  func times(of span: Int) throws -> ClosedRange<Int64>? {
    let statement = try FastStatement(db, "SELECT earliest, latest FROM span WHERE n = ?")
    statement.bind(Int64(span), at: 0)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    let (earliest, latest) = (statement.int64(0), statement.int64(1))
    return earliest <= latest ? earliest...latest : nil
  }
}
