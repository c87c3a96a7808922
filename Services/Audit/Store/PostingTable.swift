import GRDB
import ServiceRuntime

/// Rows of `posting`: which entries name a subject. They are kept in segments of the log, and within one by subject, so that
/// new ones go to few pages; to find a subject takes a look at each segment.
struct PostingTable {
  private static let segmentBits = 16
  private let db: Database

  init(_ db: Database) { self.db = db }

  static func segment(of index: Int) -> Int { index >> segmentBits }

  /// The indexes of a segment.
  static func indexes(of segment: Int) -> Range<Int> {
    segment << segmentBits..<(segment + 1) << segmentBits
  }

  /// The entries within `range`, which is in one segment, that have to do with a subject, in order: in one role, or as its
  /// actor and about it.
  func indexes(of subject: Int64, as role: PostingRole?, in range: Range<Int>) throws -> [Int] {
    let statement = try FastStatement(
      db,
      """
      SELECT idx, role FROM posting
      WHERE segment = ? AND subject_id = ? AND idx >= ? AND idx < ? ORDER BY idx
      """)
    statement.bind(Int64(Self.segment(of: range.lowerBound)), at: 0)
    statement.bind(subject, at: 1)
    statement.bind(Int64(range.lowerBound), at: 2)
    statement.bind(Int64(range.upperBound), at: 3)
    var indexes: [Int] = []
    while try statement.step() {
      let (index, found) = (Int(statement.int64(0)), statement.int64(1))
      let matches = role.map { $0.rawValue == found } ?? (found != PostingRole.keeper.rawValue)
      if matches, indexes.last != index { indexes.append(index) }
    }
    return indexes
  }

  /// All entries that have to do with a subject in any way, in order, of a log of `size` entries.
  func all(of subject: Int64, size: Int) throws -> [Int] {
    guard size > 0 else { return [] }
    let statement = try db.cachedStatement(
      sql: "SELECT DISTINCT idx FROM posting WHERE segment = ? AND subject_id = ? ORDER BY idx")
    return try (0...Self.segment(of: size - 1)).flatMap { segment in
      try Int.fetchAll(statement, arguments: [segment, subject])
    }
  }

  func delete(_ subject: Int64, size: Int) throws {
    guard size > 0 else { return }
    let statement = try db.cachedStatement(
      sql: "DELETE FROM posting WHERE segment = ? AND subject_id = ?")
    for segment in 0...Self.segment(of: size - 1) {
      try statement.execute(arguments: [segment, subject])
    }
  }
}
