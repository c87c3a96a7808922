import GRDB

/// The conditions of a list: only those that a request makes, so that SQLite can use its indexes.
struct Conditions {
  private var parts: [String] = []
  private(set) var arguments = StatementArguments()

  /// Adds `sql` with its one `?` when there is a value for it.
  mutating func add(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
    guard let value else { return }
    add(sql, [value])
  }

  /// Adds `sql` with its arguments.
  mutating func add(_ sql: String, _ values: StatementArguments) {
    parts.append("(\(sql))")
    arguments += values
  }

  /// "WHERE …", or nothing.
  var sql: String { parts.isEmpty ? "" : "WHERE " + parts.joined(separator: " AND ") }
}
