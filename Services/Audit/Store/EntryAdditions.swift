package import AuditDomain
package import GRDB
import Model
import TransparencyLog

/// Adds events of one producer to the log, within the body of a write.
package struct EntryAdditions {
  private let table: EntryTable
  private let tree: TreeWriter
  private let producer: String
  private let entries: EntryInsertion
  private let details: DetailsInsertion
  private let spans: SpanTable
  private let start: Int
  private let firstSequence: Int64
  private var times: [Timestamp] = []

  package init(
    _ db: Database, to tree: TreeWriter, knowing subjects: SubjectCache, of producer: String
  ) throws {
    table = EntryTable(db)
    self.tree = tree
    self.producer = producer
    entries = try EntryInsertion(db)
    details = try DetailsInsertion(db, knowing: subjects)
    spans = SpanTable(db)
    start = tree.nextIndex
    firstSequence = try table.nextSequence(of: producer)
  }

  /// The size of the log with what has been added.
  package var end: Int { start + times.count }

  /// Adds an event at the end of the log, unless it is known: then it returns what the log holds of it.
  /// - Throws: what `AppendRule.decide` throws.
  package mutating func add(_ candidate: Candidate) throws -> KnownEvent? {
    let body = candidate.body
    let next = firstSequence + Int64(times.count)
    // Only what comes as the next event is likely to be new: it is looked up when it cannot be inserted.
    if body.producerSequence == next {
      let index = end
      if try entries.run(body, leafHash: candidate.leafHash, at: index) {
        tree.add(candidate.leafHash)
        try details.run(candidate, at: index)
        times.append(body.time)
        return nil
      }
    }
    let known = try table.known(body.eventID)
    switch try AppendRule.decide(candidate, known: known, next: next) {
    case .known: return known
    case .append: throw LogCorruption("event \(body.eventID) is known and not known")
    }
  }

  /// Notes what has been added.
  package func finish() throws {
    guard !times.isEmpty else { return }
    try table.setNextSequence(firstSequence + Int64(times.count), of: producer)
    try spans.extend(times, from: start)
  }
}
