package import AuditDomain
package import GRDB
import Model
import ServiceRuntime
import TransparencyLog

/// Decides on events of one producer, in order, and adds them to the log. Valid in the body of the write that made it.
package struct EntryAdditions {
  private let queue: EntryQueue
  private let table: EntryTable
  private let lookup: FastStatement
  /// The number of the producer's next event.
  private var next: Int64

  package init(_ db: Database, to queue: EntryQueue, of producer: String) throws {
    self.queue = queue
    table = EntryTable(db)
    lookup = try FastStatement(db, "SELECT 1 FROM entry WHERE event_id = ?")
    next = try queue.nextSequence(of: producer, db)
  }

  /// Adds an event at the end of the log, unless it is known.
  /// - Throws: what `AppendRule.decide` throws.
  package mutating func add(_ candidate: Candidate) throws -> KnownEvent {
    let known = try known(candidate.body.eventID)
    let decision = try AppendRule.decide(candidate, known: known, next: next)
    if let known, decision != .append { return known }
    next += 1
    return candidate.known(at: queue.add(candidate))
  }

  private func known(_ event: EventID) throws -> KnownEvent? {
    if let waiting = queue.known(event) { return waiting }
    lookup.bind(event, at: 0)
    guard try lookup.step() else { return nil }
    lookup.reset()
    return try table.known(event)
  }
}
