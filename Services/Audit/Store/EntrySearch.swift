package import GRDB
package import Model
import ServiceRuntime
import TransparencyLog

/// Which entries to list; empty and nil parts do not narrow.
package struct EntryFilter: Sendable, Hashable {
  package var subject = ""
  package var actor = ""
  package var kind = ""
  package var isAccepted: Bool?
  package var start: Timestamp?
  package var end: Timestamp?
  /// Only entries that each of these caused or that are about it.
  package var involved: [String] = []
  /// Only entries below this index.
  package var size: Int?

  package init() {}
}

/// Finds entries by what they are about.
package struct EntrySearch {
  /// More entries of a subject in one segment than this are narrowed by kind before they are read.
  private static let manyPostings = 256
  private let db: Database

  package init(_ db: Database) { self.db = db }

  package func entry(at index: Int) throws -> StoredEntry? {
    try read("entry.idx = ?", [Int64(index)], limit: 1).first
  }

  /// Entries after an index, or from the first, in order.
  package func list(_ filter: EntryFilter, after: Int?, limit: Int) throws -> [StoredEntry] {
    let size = min(filter.size ?? .max, try EntryTable(db).size())
    let start = (after ?? -1) + 1
    guard start < size, let names = try names(in: filter) else { return [] }
    var found: [StoredEntry] = []
    let ranges = try SpanTable(db).ranges(from: filter.start, until: filter.end, in: start..<size)
    for range in ranges {
      if names.isEmpty {
        found += try entries(filter, in: range, limit: limit - found.count)
      } else {
        try collect(&found, filter, names, in: range, limit: limit)
      }
      if found.count >= limit { break }
    }
    return found
  }

  /// Subjects whose postings must name an entry; nil when there is none of some name.
  private func names(in filter: EntryFilter) throws -> [(id: Int64, role: PostingRole?)]? {
    var wanted: [(String, PostingRole?)] = filter.involved.map { ($0, nil) }
    if !filter.subject.isEmpty { wanted.append((filter.subject, .about)) }
    if !filter.actor.isEmpty { wanted.append((filter.actor, .actor)) }
    var names: [(Int64, PostingRole?)] = []
    for (name, role) in wanted {
      guard let subject = try SubjectTable(db).find(name) else { return nil }
      names.append((subject.id, role))
    }
    return names
  }

  /// Entries that are found by kind, outcome and time alone: an index each for kind, refused, and both.
  private func entries(_ filter: EntryFilter, in range: Range<Int>, limit: Int) throws
    -> [StoredEntry]
  {
    var condition = "entry.idx >= ? AND entry.idx < ?"
    var values = [Int64(range.lowerBound), Int64(range.upperBound)]
    append(filter, to: &condition, &values)
    return try read(condition, values, kind: filter.kind, limit: limit)
  }

  /// Goes through the segments of a range and reads the entries that all postings name.
  private func collect(
    _ found: inout [StoredEntry], _ filter: EntryFilter, _ names: [(id: Int64, role: PostingRole?)],
    in range: Range<Int>, limit: Int
  ) throws {
    let postings = PostingTable(db)
    let last = PostingTable.segment(of: range.upperBound - 1)
    for segment in PostingTable.segment(of: range.lowerBound)...last {
      let part = PostingTable.indexes(of: segment).clamped(to: range)
      var indexes: [Int] = []
      for (place, name) in names.enumerated() where place == 0 || !indexes.isEmpty {
        let next = try postings.indexes(of: name.id, as: name.role, in: part)
        indexes = place == 0 ? next : Self.common(indexes, next)
      }
      if indexes.count > Self.manyPostings, !filter.kind.isEmpty {
        indexes = Self.common(indexes, try kinds(filter, in: part))
      }
      for index in indexes {
        var (condition, values) = ("entry.idx = ?", [Int64(index)])
        append(filter, to: &condition, &values)
        found += try read(condition, values, kind: filter.kind, limit: 1)
        if found.count >= limit { return }
      }
    }
  }

  /// What two ascending lists have in common.
  private static func common(_ left: [Int], _ right: [Int]) -> [Int] {
    var position = 0
    return left.filter { index in
      while position < right.count, right[position] < index { position += 1 }
      return position < right.count && right[position] == index
    }
  }

  private func kinds(_ filter: EntryFilter, in range: Range<Int>) throws -> [Int] {
    let outcome = filter.isAccepted == false ? "AND is_refused = 1" : ""
    let statement = try FastStatement(
      db, "SELECT idx FROM entry WHERE kind = ?1 AND idx >= ?2 AND idx < ?3 \(outcome) ORDER BY idx"
    )
    statement.bind(filter.kind, at: 0)
    statement.bind(Int64(range.lowerBound), at: 1)
    statement.bind(Int64(range.upperBound), at: 2)
    var indexes: [Int] = []
    while try statement.step() { indexes.append(Int(statement.int64(0))) }
    return indexes
  }

  private func append(_ filter: EntryFilter, to condition: inout String, _ values: inout [Int64]) {
    if let isAccepted = filter.isAccepted {
      condition += isAccepted ? " AND entry.is_refused = 0" : " AND entry.is_refused = 1"
    }
    for (comparison, time) in [(">=", filter.start), ("<", filter.end)] {
      guard let time else { continue }
      condition += " AND entry.time \(comparison) ?"
      values.append(time.microseconds)
    }
  }

  private func read(
    _ condition: String, _ values: [Int64], kind: String = "", limit: Int
  ) throws -> [StoredEntry] {
    let kinds = kind.isEmpty ? "" : "AND entry.kind = ?"
    let statement = try FastStatement(
      db, "\(StoredEntry.selection) WHERE \(condition) \(kinds) ORDER BY entry.idx LIMIT \(limit)")
    for (place, value) in values.enumerated() { statement.bind(value, at: Int32(place)) }
    if !kind.isEmpty { statement.bind(kind, at: Int32(values.count)) }
    defer { statement.reset() }
    var entries: [StoredEntry] = []
    while try statement.step() { entries.append(try StoredEntry(statement)) }
    return entries
  }
}
