import AuditDomain
import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Whether entries are found by those whom their details name, and by nobody else.
struct PostingInspection {
  /// What an entry says of whom it is found by.
  enum Names {
    case known(EntryDetails, holder: Int64)
    /// Erased with one of those it named: the others still find it, and nothing tells who they are.
    case erased
    /// Altered: what it says is not known.
    case unknown
  }
  private struct Posting: Hashable {
    let subject: Int64
    let role: Int64

    init(_ subject: Int64, _ role: PostingRole) {
      self.subject = subject
      self.role = role.rawValue
    }

    init(_ row: FastStatement) {
      subject = row.int64(0)
      role = row.int64(2)
    }
  }
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Of a range of entries within one segment; `names` are theirs.
  func faults(in range: Range<Int>, _ names: [Names]) throws -> [LogFault] {
    guard !range.isEmpty else { return [] }
    var faults: [LogFault] = []
    var postings: [[Posting]] = Array(repeating: [], count: range.count)
    let statement = try self.statement(range)
    while try statement.step() {
      let index = Int(statement.int64(1))
      guard range.contains(index) else {
        faults.append(.surplus(.subject, index))
        continue
      }
      postings[index - range.lowerBound].append(Posting(statement))
    }
    var known: [String: Int64?] = [:]
    for (index, name) in zip(range, names) {
      faults += try self.faults(at: index, name, Set(postings[index - range.lowerBound]), &known)
    }
    return faults
  }

  /// The postings of a range, and those that are in a segment where they do not belong.
  private func statement(_ range: Range<Int>) throws -> FastStatement {
    let segment = PostingTable.segment(of: range.lowerBound)
    let whole = PostingTable.indexes(of: segment)
    let statement = try FastStatement(
      db,
      """
      SELECT subject_id, idx, role FROM posting
      WHERE segment = ? AND (idx >= ? AND idx < ? OR idx < ? OR idx >= ?)
      """)
    statement.bind(Int64(segment), at: 0)
    let bounds = [range.lowerBound, range.upperBound, whole.lowerBound, whole.upperBound]
    for (place, bound) in bounds.enumerated() { statement.bind(Int64(bound), at: Int32(place) + 1) }
    return statement
  }

  private func faults(
    at index: Int, _ names: Names, _ found: Set<Posting>, _ known: inout [String: Int64?]
  ) throws -> [LogFault] {
    switch names {
    case .unknown: return []
    case .erased:
      let isSound = try found.allSatisfy {
        try $0.role != PostingRole.keeper.rawValue && SubjectTable(db).exists($0.subject)
      }
      return isSound ? [] : [.surplus(.subject, index)]
    case .known(let details, let holder):
      var expected: Set<Posting> = details.namesNobody ? [Posting(holder, .keeper)] : []
      var isFound = true
      let named =
        details.subjects.map { ($0, PostingRole.about) }
        + (details.actor.isEmpty ? [] : [(details.actor, .actor)])
      for (name, role) in named {
        let id = try known[name] ?? SubjectTable(db).find(name)?.id
        known[name] = .some(id)
        if let id { expected.insert(Posting(id, role)) } else { isFound = false }
      }
      isFound = isFound && expected.isSubset(of: found)
      return (isFound ? [] : [.missing(.subject, index)])
        + (found.isSubset(of: expected) ? [] : [.surplus(.subject, index)])
    }
  }

  /// Postings of entries that a log of `size` entries does not have.
  func surplus(beyond size: Int) throws -> [LogFault] {
    try Int.fetchAll(
      db,
      sql: """
        SELECT DISTINCT idx FROM posting
        WHERE segment < 0 OR segment > ?1 OR segment = ?1 AND idx >= ?2 LIMIT 100
        """, arguments: [PostingTable.segment(of: size), size]
    ).map { .surplus(.subject, $0) }
  }
}
